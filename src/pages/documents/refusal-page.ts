import type { ProblemCode } from '../../core/errors.ts'
import { type Locale, PAGES_PATH } from '../../core/mail.ts'
import type { Settings } from '../../core/settings.ts'
import { layOutRefusal } from './layout-refusal.ts'
import { PAGE_POLICY } from './policy.ts'
import { documentWords } from './words-by-locale.ts'

interface Refusal {
  readonly settings: Settings
  readonly locale: Locale
  readonly code: ProblemCode
  readonly requestId: string
  /** The application's address, from a sealed sign-in flow and on the list of allowed addresses. */
  readonly wayBack: string | undefined
}

/** The error page of a social sign-in, with its headers. */
export async function refusalPage({ settings, locale, ...rest }: Refusal): Promise<{ html: string; headers: Headers }> {
  const { PRODUCT_NAME: productName } = settings
  const { refused: words } = documentWords[locale](productName)
  const isOwn = rest.wayBack?.startsWith(`${settings.ISSUER}${PAGES_PATH}/`) === true
  const html = await layOutRefusal({ words, productName, locale, isOwn, ...rest })
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-language': locale,
    'content-security-policy': PAGE_POLICY,
  })
  return { html: String(html), headers }
}
