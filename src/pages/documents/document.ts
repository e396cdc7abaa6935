import { html, raw } from 'hono/html'
import manifest from '../packed/manifest.json' with { type: 'json' }
import { FACTS_ID, type PageFacts } from '../page-facts.ts'
import type { ScreenName } from '../screens.ts'
import { layOutHead } from './layout-head.ts'
import { documentWords } from './words-by-locale.ts'

/**
 * The document of a screen as HTML. It has its title and two sentences: all other words are a part of the
 * script, which the browser keeps. There is no inline script or style, and nothing from another origin. A
 * page whose script does not start, for example because a deployment has just removed it, says so after some
 * seconds.
 */
export function layOutDocument(screen: ScreenName, facts: PageFacts) {
  const { locale, product } = facts
  const words = documentWords[locale](product)
  const scripts = manifest.scripts[locale]
  const more = html`${scripts.preload.map((path) => html`<link rel="modulepreload" href="${path}">\n`)}
<script type="module" src="${scripts.path}"></script>
<script type="application/json" id="${FACTS_ID}">${raw(toJson(facts))}</script>`
  const content = (text: string) => html`
<header><p class="product">${product}</p></header>
<main><h1>${words.titles[screen]}</h1><p>${text}</p></main>
`
  return html`${layOutHead({ title: words.titles[screen], productName: product, locale, more })}
<body>
<div id="page"><div class="page late">${content(words.notStarted)}</div></div>
<noscript><div class="page">${content(words.needsScript)}</div></noscript>
</body>
</html>
`
}

/** JSON that cannot end the element that contains it. */
const toJson = (facts: PageFacts): string => JSON.stringify(facts).replaceAll('<', '\\u003c')
