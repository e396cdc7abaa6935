import { getCookie, setCookie } from 'hono/cookie'
import { AppError } from '../core/errors.ts'
import type { HttpContext } from './environment.ts'

const NAME = 'lk_rt'

/** The cookie name as it is sent, with its prefix. */
export const SESSION_COOKIE: string = `__Host-${NAME}`

/**
 * Sets the cookie with the refresh token of a browser application. The prefix `__Host-` ties it to this host,
 * and scripts cannot read it (ASVS 3.3.1 to 3.3.4).
 * @param maxAgeSeconds 0 removes the cookie
 */
export function setSessionCookie(c: HttpContext, refreshToken: string, maxAgeSeconds: number): void {
  setCookie(c, NAME, refreshToken, {
    prefix: 'host',
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: c.get('ctx').settings.COOKIE_SAME_SITE,
    maxAge: maxAgeSeconds,
  })
}

export const clearSessionCookie = (c: HttpContext): void => setSessionCookie(c, '', 0)

/**
 * The refresh token in the request's cookie. The request must come from an origin that may use it, because a
 * browser sends the cookie for any page (ASVS 3.5.1).
 * @throws AppError `origin_not_allowed`
 */
export function readSessionCookie(c: HttpContext): string | undefined {
  const token = getCookie(c, NAME, 'host')
  if (token === undefined || token === '') return undefined
  requireCookieOrigin(c)
  return token
}

/**
 * The same for a route with an optional body. The cookie counts only if there is a JSON body, because a form
 * on a foreign page cannot send one.
 * @throws AppError `origin_not_allowed`
 */
export const readCookieBesideBody = (c: HttpContext): string | undefined =>
  c.get('bodyText') === undefined ? undefined : readSessionCookie(c)

/**
 * Accepts a request from this service's own pages or from an origin in `COOKIE_ORIGINS`. Origins are compared
 * exactly.
 * @throws AppError `origin_not_allowed`
 */
export function requireCookieOrigin(c: HttpContext): void {
  if (!isCookieOrigin(c)) throw new AppError('origin_not_allowed')
}

/**
 * Whether the request comes from this service's own pages or from an origin in `COOKIE_ORIGINS`. Origins are
 * compared exactly.
 */
export function isCookieOrigin(c: HttpContext): boolean {
  const { ISSUER, COOKIE_ORIGINS } = c.get('ctx').settings
  const origin = c.req.header('origin')
  return origin !== undefined && [ISSUER, ...COOKIE_ORIGINS].includes(origin)
}
