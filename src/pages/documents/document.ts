import { html, raw } from 'hono/html'
import manifest from '../packed/manifest.json' with { type: 'json' }
import { FACTS_ID, type PageFacts } from '../page-facts.ts'
import type { ScreenName } from '../screens.ts'
import { documentWords } from './words-by-locale.ts'

/**
 * The document of a screen as HTML. It has no words but its title: they are a part of the script, which the
 * browser keeps. There is no inline script or style, and nothing from another origin.
 */
export function layOutDocument(screen: ScreenName, facts: PageFacts) {
  const { locale, product } = facts
  const words = documentWords[locale](product)
  const title = `${words.titles[screen]} · ${product}`
  return html`<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="stylesheet" href="${manifest.sheet}">
${manifest.scripts[locale].preload.map((path) => html`<link rel="modulepreload" href="${path}">\n`)}
<script type="module" src="${manifest.scripts[locale].path}"></script>
<script type="application/json" id="${FACTS_ID}">${raw(toJson(facts))}</script>
</head>
<body>
<div id="page"></div>
<noscript><main><p>${product}</p><h1>${words.titles[screen]}</h1><p>${words.needsScript}</p></main></noscript>
</body>
</html>
`
}

/** JSON that cannot end the element that contains it. */
const toJson = (facts: PageFacts): string => JSON.stringify(facts).replaceAll('<', '\\u003c')
