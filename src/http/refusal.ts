import { accepts } from 'hono/accepts'
import type { AppError } from '../core/errors.ts'
import { chooseLocale } from '../mail/choose-locale.ts'
import type { HttpContext } from './environment.ts'
import { layOutRefusal } from './pages/layout-refusal.ts'
import { PAGE_POLICY } from './pages/policy.ts'
import { wordsByLocale } from './pages/words/by-locale.ts'
import { problemResponse } from './problem.ts'

/**
 * Answers with a problem document, or, where a browser opened the address and prefers HTML, with a page of the same
 * status: a person whose sign-in ends here sees no JSON.
 */
export async function answerRefusal(c: HttpContext, error: AppError): Promise<Response> {
  const problem = problemResponse(c, error)
  if (c.get('isNavigated') !== true) return problem
  const { settings, locale: asked } = c.get('ctx') ?? {}
  if (settings === undefined || !prefersHtml(c)) {
    problem.headers.append('vary', 'Accept')
    return problem
  }
  const { PRODUCT_NAME: productName, PASSWORD_MIN_LENGTH: passwordMinLength } = settings
  const locale = chooseLocale({ preference: asked })
  const { signInRefused: words } = wordsByLocale[locale]({ product: productName, passwordMinLength })
  const { code } = error
  const page = layOutRefusal({
    ...{ words, productName, locale, code },
    ...{ requestId: c.get('requestId'), wayBack: c.get('wayBack') },
  })
  const headers = new Headers(problem.headers)
  headers.set('content-type', 'text/html; charset=utf-8')
  headers.set('content-language', locale)
  headers.set('content-security-policy', PAGE_POLICY)
  headers.append('vary', 'Accept, Accept-Language')
  return new Response(String(await page), { status: problem.status, headers })
}

/** Whoever takes anything alike gets the problem document. */
const prefersHtml = (c: HttpContext): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/problem+json', 'application/json', 'text/html', '*/*'],
    default: 'application/problem+json',
  }) === 'text/html'
