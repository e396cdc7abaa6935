import { html } from 'hono/html'
import type { ProblemCode } from '../../core/errors.ts'
import type { Locale } from '../../core/mail.ts'
import type { RefusalWords } from '../document-words.ts'
import { layOutHead } from './layout-head.ts'

interface RefusalOptions {
  readonly words: RefusalWords
  readonly productName: string
  readonly locale: Locale
  readonly code: ProblemCode
  readonly requestId: string
  /** The application's address, from a sealed sign-in flow and on the list of allowed addresses. */
  readonly wayBack: string | undefined
  /** Whether that is a page of the service itself. */
  readonly isOwn: boolean
}

/**
 * The error page of a social sign-in. Nothing on it comes from the requested address.
 */
export function layOutRefusal({ words, productName, locale, code, requestId, wayBack, isOwn }: RefusalOptions) {
  const { heading, text } = code === 'invalid_state' ? words.invalid_state : words.other
  return html`${layOutHead({ title: heading, productName, locale })}
<body>
<div class="page">
<header><p class="product">${productName}</p></header>
<main>
<h1>${heading}</h1>
${text.map((paragraph) => html`<p>${paragraph}</p>\n`)}
${wayBack !== undefined && html`<p><a class="button" href="${wayBack}">${isOwn ? words.backHere : words.back}</a></p>`}
<p class="hint" lang="en">${code} · ${requestId}</p>
</main>
</div>
</body>
</html>
`
}
