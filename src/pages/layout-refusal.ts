import { html } from 'hono/html'
import type { ProblemCode } from '../core/errors.ts'
import type { Locale } from '../core/mail.ts'
import { layOutHead } from './layout-head.ts'
import type { SignInRefusedWords } from './words/words.ts'

interface RefusalOptions {
  readonly words: SignInRefusedWords
  readonly productName: string
  readonly locale: Locale
  readonly code: ProblemCode
  readonly requestId: string
  /** An address that this service has sealed, and lists as an application's. */
  readonly wayBack: string | undefined
}

/**
 * What a person sees whose sign-in at a provider ended here. Nothing on it comes from the address that was
 * opened.
 */
export function layOutRefusal({ words, productName, locale, code, requestId, wayBack }: RefusalOptions) {
  const { heading, text } = code === 'invalid_state' ? words.invalid_state : words.other
  return html`${layOutHead({ title: heading, productName, locale })}
<body>
<main>
<p class="product">${productName}</p>
<section>
<h1>${heading}</h1>
${text.map((paragraph) => html`<p>${paragraph}</p>\n`)}
${wayBack !== undefined && html`<p><a class="button" href="${wayBack}">${words.back}</a></p>`}
<p class="hint" lang="en">${code} · ${requestId}</p>
</section>
</main>
</body>
</html>
`
}
