import { getCookie, setCookie } from 'hono/cookie'
import { AppError } from '../core/errors.ts'
import type { HttpContext } from './environment.ts'

const NAME = 'lk_rt'

/** As it is sent. */
export const SESSION_COOKIE: string = `__Host-${NAME}`

/**
 * The refresh token of a browser application. `__Host-` ties it to this very origin, and script cannot read
 * it (ASVS 3.3.1 to 3.3.4).
 * @param maxAgeSeconds 0 removes it
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
 * The refresh token that the browser sent along, if the page that asks may use it: the cookie alone says
 * nothing about who is asking (ASVS 3.5.1).
 * @throws AppError `origin_not_allowed`
 */
export function readSessionCookie(c: HttpContext): string | undefined {
  const token = getCookie(c, NAME, 'host')
  if (token === undefined || token === '') return undefined
  requireCookieOrigin(c)
  return token
}

/**
 * The same, where a request needs no body: the cookie counts only beside one, which a form on a foreign page
 * cannot send as JSON.
 * @throws AppError `origin_not_allowed`
 */
export const readCookieBesideBody = (c: HttpContext): string | undefined =>
  c.get('bodyText') === undefined ? undefined : readSessionCookie(c)

/**
 * Lets pass what comes from this service's own pages or an origin on the list, by exact comparison.
 * @throws AppError `origin_not_allowed`
 */
export function requireCookieOrigin(c: HttpContext): void {
  if (!isCookieOrigin(c)) throw new AppError('origin_not_allowed')
}

/** Whether the request comes from this service's own pages or an origin on the list, by exact comparison. */
export function isCookieOrigin(c: HttpContext): boolean {
  const { ISSUER, COOKIE_ORIGINS } = c.get('ctx').settings
  const origin = c.req.header('origin')
  return origin !== undefined && [ISSUER, ...COOKIE_ORIGINS].includes(origin)
}
