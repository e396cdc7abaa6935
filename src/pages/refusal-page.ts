import type { ProblemCode } from '../core/errors.ts'
import type { Locale } from '../core/mail.ts'
import type { Settings } from '../core/settings.ts'
import { layOutRefusal } from './layout-refusal.ts'
import { PAGE_POLICY } from './policy.ts'
import { pageWords } from './words/by-locale.ts'

interface Refusal {
  readonly settings: Settings
  readonly locale: Locale
  readonly code: ProblemCode
  readonly requestId: string
  /** An address that this service has sealed, and lists as an application's. */
  readonly wayBack: string | undefined
}

/** The page of a refusal, and the headers that go with it. */
export async function refusalPage({ settings, locale, ...rest }: Refusal): Promise<{ html: string; headers: Headers }> {
  const { PRODUCT_NAME: productName, PASSWORD_MIN_LENGTH: passwordMinLength } = settings
  const { signInRefused: words } = pageWords[locale]({ product: productName, passwordMinLength })
  const html = await layOutRefusal({ words, productName, locale, ...rest })
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-language': locale,
    'content-security-policy': PAGE_POLICY,
  })
  return { html: String(html), headers }
}
