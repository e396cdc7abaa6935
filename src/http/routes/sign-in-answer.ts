import * as z from 'zod'
import type { LoginResult } from '../../auth/conclude-sign-in.ts'
import type { SignIn } from '../../auth/describe-user.ts'
import type { SessionTokens } from '../../auth/session-tokens.ts'
import { rfc3339 } from '../../core/time.ts'
import { setDeviceCookie } from '../device-cookie.ts'
import type { HttpContext } from '../environment.ts'
import { setSessionCookie } from '../session-cookie.ts'

/** Where the refresh token goes: into the body, or into a cookie that script cannot read. */
export const sessionModeSchema = z.enum(['token', 'cookie'])
export type SessionMode = z.infer<typeof sessionModeSchema>

/** What an answer shows of the tokens. In cookie mode the refresh token is never in a body. */
export function showTokens(c: HttpContext, tokens: SessionTokens, mode: SessionMode): Partial<SessionTokens> {
  if (mode === 'token') return tokens
  const { refresh_token: refreshToken, ...shown } = tokens
  setSessionCookie(c, refreshToken, tokens.refresh_expires_in)
  return shown
}

/** Answers a sign-in, however it came about. */
export const answerSignIn = (c: HttpContext, { tokens, user, deviceToken }: SignIn, mode: SessionMode): Response =>
  c.json({ ...showTokens(c, tokens, mode), ...showDeviceToken(c, deviceToken, mode), user })

/** What an answer shows of a device token: nothing in cookie mode. */
function showDeviceToken(c: HttpContext, deviceToken: string | undefined, mode: SessionMode) {
  if (deviceToken === undefined) return {}
  if (mode === 'token') return { device_token: deviceToken }
  setDeviceCookie(c, deviceToken)
  return {}
}

/** The same, or the offer to restore an account that its owner has deleted. */
export function answerLogin(c: HttpContext, result: LoginResult, mode: SessionMode): Response {
  if (result.kind === 'signed-in') return answerSignIn(c, result, mode)
  const { restoreToken, restoreUntilMs } = result
  const restoreUntil = rfc3339(restoreUntilMs)
  return c.json({ account_status: 'deleted', restore_token: restoreToken, restore_until: restoreUntil })
}
