import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import { deviceTokenSchema, messageSchema } from '../schemas.ts'

const { email, password, oneTimeToken: token } = examples

const message = (text: string) => ({ schema: messageSchema, example: { message: text } })

export const mailLinkOperations = {
  'POST /api/v1/auth/verify-email': {
    id: 'verifyEmail',
    summary: 'Confirm an address with the token of a mail',
    description:
      'Of a registration, which needs nothing else; or of a change of address. That takes a session of the same account, ' +
      'by its access token or the cookie, and only works while the session lives that asked for the change.',
    body: { token },
    answers: { 204: { description: 'Confirmed.' } },
    problems: ['invalid_token', 'invalid_access_token', 'origin_not_allowed'],
    acceptsAlso: ['bearer', 'sessionCookie'],
  },
  'POST /api/v1/auth/verify-email/resend': {
    id: 'resendVerification',
    summary: 'Mail the link again',
    body: { email },
    answers: {
      202: {
        description: 'The same answer for every address.',
        ...message('If the address is waiting to be verified, a mail is on its way to it.'),
      },
    },
  },
  'POST /api/v1/auth/undo-email': {
    id: 'undoEmailChange',
    summary: 'Take a change of address back, from the old address',
    description: 'For seven days. Every session and the password are void afterwards.',
    body: { token },
    answers: { 204: { description: 'The old address is back.' } },
    problems: ['invalid_token'],
  },
  'POST /api/v1/auth/reset-password': {
    id: 'requestPasswordReset',
    summary: 'Mail a link to set a new password',
    body: { email },
    answers: {
      202: {
        description: 'The same answer for every address.',
        ...message('If the address has an account, a mail is on its way to it.'),
      },
    },
  },
  'POST /api/v1/auth/reset-password/confirm': {
    id: 'resetPassword',
    summary: 'Set a new password with the token of a mail',
    description:
      'Every session ends; it does not sign in. It gives a device token, with which wrong passwords of strangers do not ' +
      'keep the owner from signing in: in the answer with `session_mode: token`, otherwise in a cookie where the origin ' +
      'may have one.',
    body: { token, new_password: password },
    answers: {
      200: {
        description: 'Set, with `session_mode: token`.',
        schema: deviceTokenSchema,
        example: { device_token: examples.deviceToken },
      },
      204: { description: 'Set.', headers: ['set-cookie'] },
    },
    problems: ['invalid_token', 'origin_not_allowed'],
  },
} as const satisfies Operations
