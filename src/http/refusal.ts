import { accepts } from 'hono/accepts'
import type { AppError } from '../core/errors.ts'
import { chooseLocale } from '../mail/choose-locale.ts'
import type { HttpContext } from './environment.ts'
import { problemResponse } from './problem.ts'

/**
 * Answers an error with a problem document. If a browser opened the address and prefers HTML, the answer is a
 * page with the same status, so that a person whose social sign-in fails does not see JSON.
 */
export async function answerRefusal(c: HttpContext, error: AppError): Promise<Response> {
  const problem = problemResponse(c, error)
  if (c.get('isNavigated') !== true) return problem
  const { settings, locale: asked } = c.get('ctx') ?? {}
  if (settings === undefined || !prefersHtml(c)) {
    problem.headers.append('vary', 'Accept')
    return problem
  }
  const { refusalPage } = await import('../pages/documents/refusal-page.ts')
  const { html, headers } = await refusalPage({
    settings,
    locale: chooseLocale({ preference: asked }),
    code: error.code,
    requestId: c.get('requestId'),
    wayBack: c.get('wayBack'),
  })
  const merged = new Headers(problem.headers)
  for (const [name, value] of headers) merged.set(name, value)
  merged.append('vary', 'Accept, Accept-Language')
  return new Response(html, { status: problem.status, headers: merged })
}

/** A client that accepts everything equally gets the problem document. */
const prefersHtml = (c: HttpContext): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['application/problem+json', 'application/json', 'text/html', '*/*'],
    default: 'application/problem+json',
  }) === 'text/html'
