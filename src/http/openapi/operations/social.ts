import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import { restoreOfferSchema, signInSchema } from '../schemas.ts'

export const socialOperations = {
  'POST /api/v1/auth/oauth/token': {
    id: 'exchangeCode',
    summary: 'Exchange the code of a social sign-in',
    description: 'Once, within a minute, with the verifier of the challenge that the start was given.',
    body: examples.codeExchange,
    answers: {
      200: {
        description: 'Signed in, or an offer to restore the account.',
        schema: signInSchema.or(restoreOfferSchema),
        example: examples.signIn,
        headers: ['set-cookie'],
      },
    },
    problems: [
      'invalid_token',
      'invalid_credentials',
      'account_suspended',
      'password_reset_required',
      'email_unverified',
      'origin_not_allowed',
    ],
  },
} as const satisfies Operations
