import { getCookie, setCookie } from 'hono/cookie'
import { DEVICE_TOKEN_DAYS } from '../core/lifetimes.ts'
import type { HttpContext } from './environment.ts'
import { isCookieOrigin } from './session-cookie.ts'

const NAME = 'lk_dev'

/** As it is sent. */
export const DEVICE_COOKIE: string = `__Host-${NAME}`

/** The device token of a browser. It opens nothing, and stays when a session ends. */
export function setDeviceCookie(c: HttpContext, deviceToken: string): void {
  setCookie(c, NAME, deviceToken, {
    prefix: 'host',
    path: '/',
    secure: true,
    httpOnly: true,
    // Lax as long as the session's cookie does not have to cross sites either.
    sameSite: c.get('ctx').settings.COOKIE_SAME_SITE === 'None' ? 'None' : 'Lax',
    maxAge: DEVICE_TOKEN_DAYS * 24 * 60 * 60,
  })
}

/**
 * The device token that the browser sent along. From a page on no list it counts as none: that page would use
 * it up.
 */
export function readDeviceCookie(c: HttpContext): string | undefined {
  const token = getCookie(c, NAME, 'host')
  return token !== undefined && token !== '' && isCookieOrigin(c) ? token : undefined
}
