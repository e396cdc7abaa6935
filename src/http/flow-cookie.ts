import { getCookie, setCookie } from 'hono/cookie'
import { OAUTH_FLOW_MINUTES } from '../core/lifetimes.ts'
import type { HttpContext } from './environment.ts'

const NAME = 'lk_oauth'

/**
 * Sets the cookie that ties a social sign-in to the browser that started it. The cookie is `Lax` so that the
 * browser sends it when the provider redirects back. A second start in the same browser replaces the first.
 */
export const setFlowCookie = (c: HttpContext, sealedFlow: string): void =>
  setCookie(c, NAME, sealedFlow, { ...attributes, maxAge: OAUTH_FLOW_MINUTES * 60 })

export const clearFlowCookie = (c: HttpContext): void => setCookie(c, NAME, '', { ...attributes, maxAge: 0 })

export const readFlowCookie = (c: HttpContext): string | undefined => getCookie(c, NAME, 'host')

const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
