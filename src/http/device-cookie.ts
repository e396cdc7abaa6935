import { getCookie, setCookie } from 'hono/cookie'
import { DEVICE_TOKEN_DAYS } from '../core/lifetimes.ts'
import type { HttpContext } from './environment.ts'
import { isCookieOrigin } from './session-cookie.ts'

const NAME = 'lk_dev'

/** The cookie name as it is sent, with its prefix. */
export const DEVICE_COOKIE: string = `__Host-${NAME}`

/**
 * Sets the cookie with the device token of a browser. The token grants no access, and the cookie stays when
 * the session ends.
 */
export function setDeviceCookie(c: HttpContext, deviceToken: string): void {
  setCookie(c, NAME, deviceToken, {
    prefix: 'host',
    path: '/',
    secure: true,
    httpOnly: true,
    // `None` only if the session cookie is sent across sites too.
    sameSite: c.get('ctx').settings.COOKIE_SAME_SITE === 'None' ? 'None' : 'Lax',
    maxAge: DEVICE_TOKEN_DAYS * 24 * 60 * 60,
  })
}

/**
 * The device token in the request's cookie. Ignored for a request from an origin that may not use cookies: a
 * foreign page could otherwise use up the attempts of this device.
 */
export function readDeviceCookie(c: HttpContext): string | undefined {
  const token = getCookie(c, NAME, 'host')
  return token !== undefined && token !== '' && isCookieOrigin(c) ? token : undefined
}
