import * as z from 'zod'
import { answerSchema, type View } from '../core/answer-schema.ts'

const accessToken = () => ({
  /** JWT of the type `at+jwt`. */
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  /** Seconds until the access token expires. */
  expires_in: z.int(),
})

/** An access token alone. */
export const accessTokenView = answerSchema('AccessToken', accessToken)
export type AccessGrant = View<typeof accessTokenView>

export const showAccess = (accessToken: string, ttlSeconds: number): AccessGrant => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: ttlSeconds,
})

/** The members with the tokens of a session, for several answers. */
export const tokenMembers = () => ({
  ...accessToken(),
  /** In cookie mode it is set as a cookie and is absent here. */
  refresh_token: z.string().optional(),
  /** Seconds until the refresh token expires if it is not used. */
  refresh_expires_in: z.int(),
})

/** The answer of `POST /auth/refresh`. */
export const tokensView = answerSchema('Tokens', tokenMembers)

/** @param secondsLeft seconds until the refresh token expires if it is not used */
export const showTokens = (access: AccessGrant, secondsLeft: number): View<typeof tokensView> => ({
  ...access,
  refresh_expires_in: secondsLeft,
})
