import * as z from 'zod'
import type { View } from '../../core/answer-schema.ts'
import type { LoginResult } from '../../sign-in/complete-sign-in.ts'
import { enrolmentAskedView, restoreOfferView, secondFactorAskedView, signInView } from '../../sign-in/sign-in-view.ts'
import { setDeviceCookie } from '../device-cookie.ts'
import type { HttpContext } from '../environment.ts'
import { examples } from '../examples/examples.ts'
import { setSessionCookie } from '../session-cookie.ts'

/** Where the client gets the refresh token: in the body, or in a cookie that scripts cannot read. */
export const sessionModeSchema = z.enum(['token', 'cookie'])
export type SessionMode = z.infer<typeof sessionModeSchema>

/** An answer's body without refresh and device token, and these tokens. */
interface Handed<Body> {
  readonly view: Body
  readonly refreshToken: string
  readonly deviceToken?: string | undefined
}

/** Puts the tokens into the body or into cookies, by the mode. In cookie mode they are never in the body. */
export function placeTokens<Body extends { readonly refresh_expires_in: number }>(
  c: HttpContext,
  { view, refreshToken, deviceToken }: Handed<Body>,
  mode: SessionMode,
): Body {
  if (mode === 'token')
    return { ...view, refresh_token: refreshToken, ...(deviceToken !== undefined && { device_token: deviceToken }) }
  setSessionCookie(c, refreshToken, view.refresh_expires_in)
  if (deviceToken !== undefined) setDeviceCookie(c, deviceToken)
  return view
}

type Asked = View<typeof restoreOfferView> | View<typeof secondFactorAskedView> | View<typeof enrolmentAskedView>

/** The body of a sign-in, or of what the client has to do first. */
export const loginBody = (c: HttpContext, result: LoginResult, mode: SessionMode): View<typeof signInView> | Asked =>
  result.kind === 'signed-in' ? placeTokens(c, result, mode) : result.view

/** The documented answer of a route that returns `loginBody`. */
export const signedInOrAsked = {
  description:
    'Signed in; or the account needs a second factor, or has to add one, or its owner has deleted it and may restore it.',
  schema: [signInView, secondFactorAskedView, enrolmentAskedView, restoreOfferView],
  example: examples.signIn,
  headers: ['set-cookie'],
} as const
