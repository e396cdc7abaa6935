import { getCookie, setCookie } from 'hono/cookie'
import { OAUTH_FLOW_MINUTES } from '../core/lifetimes.ts'
import type { HttpContext } from './environment.ts'

const NAME = 'lk_oauth'

/**
 * What ties a social sign-in to the browser that began it. `Lax` is what lets it come along when the provider
 * sends the browser back. A second start in the same browser replaces the first.
 */
export const setFlowCookie = (c: HttpContext, sealedFlow: string): void =>
  setCookie(c, NAME, sealedFlow, { ...attributes, maxAge: OAUTH_FLOW_MINUTES * 60 })

export const clearFlowCookie = (c: HttpContext): void => setCookie(c, NAME, '', { ...attributes, maxAge: 0 })

export const readFlowCookie = (c: HttpContext): string | undefined => getCookie(c, NAME, 'host')

const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const
