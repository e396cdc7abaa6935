import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import {
  accessTokenSchema,
  messageSchema,
  registeredSchema,
  restoreOfferSchema,
  sessionCheckSchema,
  signInSchema,
  tokensSchema,
} from '../schemas.ts'

const { email, password } = examples

export const authOperations = {
  'POST /api/v1/auth/register': {
    id: 'register',
    summary: 'Open an account',
    description: 'A link to verify the address is mailed. The e-mail address is case-insensitive.',
    headers: ['sec-gpc'],
    body: { email, password, full_name: 'Ada Lovelace' },
    answers: {
      201: {
        description: 'Registered.',
        schema: registeredSchema,
        example: { id: examples.id, message: 'User registered successfully.' },
        headers: ['location'],
      },
      202: {
        description: 'With `REGISTRATION_MODE=private`, whether or not the address is known.',
        schema: messageSchema,
        example: { message: 'A mail with the next step is on its way to the address.' },
      },
    },
    problems: ['email_taken'],
  },
  'POST /api/v1/auth/login': {
    id: 'login',
    summary: 'Sign in with a password',
    description:
      'Unknown address, wrong password and too many failures answer alike. A `device_token` of an earlier sign-in, or its ' +
      'cookie, has attempts of its own, which wrong passwords of strangers do not use up. An account in its grace period after a ' +
      'deletion gets a token for `POST /api/v1/auth/restore` instead of a session.',
    body: { email, password },
    answers: {
      200: {
        description: 'Signed in, or an offer to restore the account.',
        schema: signInSchema.or(restoreOfferSchema),
        example: examples.signIn,
        headers: ['set-cookie'],
      },
    },
    problems: [
      'invalid_credentials',
      'account_suspended',
      'email_unverified',
      'password_reset_required',
      'origin_not_allowed',
    ],
  },
  'POST /api/v1/auth/refresh': {
    id: 'refresh',
    summary: 'Get a new access token',
    description:
      'Every use gives a new refresh token; the old one ends the whole session when it is used again later than ten ' +
      'seconds after. Send `{}` in cookie mode.',
    body: { refresh_token: examples.tokens.refresh_token },
    answers: {
      200: { description: 'New tokens.', schema: tokensSchema, example: examples.tokens, headers: ['set-cookie'] },
    },
    problems: ['invalid_refresh_token', 'origin_not_allowed'],
    acceptsAlso: ['sessionCookie'],
  },
  'POST /api/v1/auth/logout': {
    id: 'logout',
    summary: 'End the session',
    description: 'Named by its refresh token, by the cookie with the body `{}`, or by the access token without a body.',
    body: { refresh_token: examples.tokens.refresh_token },
    answers: { 204: { description: 'Ended, also when it was already.', headers: ['set-cookie'] } },
    problems: ['invalid_access_token', 'origin_not_allowed'],
    acceptsAlso: ['bearer', 'sessionCookie'],
  },
  'POST /api/v1/auth/restore': {
    id: 'restoreAccount',
    summary: 'Bring a deleted account back within its grace period',
    description:
      'With the token of a mail the session never counts as a recent sign-in, and the password of before answers ' +
      '`password_reset_required`. With the token that signing in gave, the session is that sign-in’s.',
    body: { token: examples.oneTimeToken },
    answers: {
      200: {
        description: 'Restored and signed in.',
        schema: signInSchema,
        example: examples.signIn,
        headers: ['set-cookie'],
      },
    },
    problems: ['invalid_token', 'account_suspended', 'email_unverified', 'origin_not_allowed'],
  },
  'POST /api/v1/auth/step-up': {
    id: 'stepUp',
    summary: 'Confirm the password, for what needs a recent sign-in',
    body: { password },
    answers: {
      200: {
        description: 'An access token that counts as a sign-in of this moment.',
        schema: accessTokenSchema,
        example: examples.access,
      },
    },
    problems: ['invalid_credentials', 'password_reset_required', 'rate_limited'],
  },
  'GET /api/v1/auth/session': {
    id: 'checkSession',
    summary: 'Ask whether the session lives',
    description: 'Answered at the edge, mostly without the database; a revocation is seen within 60 seconds.',
    answers: {
      200: {
        description: 'It lives.',
        schema: sessionCheckSchema,
        example: {
          active: true,
          user_id: examples.id,
          session_id: examples.session,
          roles: [],
          amr: ['pwd'],
          auth_time: examples.at,
          expires_at: examples.at,
        },
      },
    },
  },
} as const satisfies Operations
