import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import { identityListSchema, identitySchema, linkTicketSchema, restoreOfferSchema, signInSchema } from '../schemas.ts'

const { id, at } = examples
const identity = { id, provider: 'google', linked_at: at }
const exchange = { code: 'lk_code_5b8f2c1e-0f5d-4c1b-9a57-0d3a1f6e2b94.…', code_verifier: 'a'.repeat(43) }

export const socialOperations = {
  'GET /api/v1/auth/oauth/:provider/start': {
    id: 'startSocialSignIn',
    summary: 'Send the browser to a provider',
    description: 'A navigation, not a call of script. `link` is the ticket of somebody who is signed in.',
    answers: {
      302: {
        description: 'To the provider; or, if it does not answer, to the `redirect_uri` with `error`.',
        headers: ['location', 'set-cookie'],
      },
    },
    problems: ['not_found', 'invalid_token'],
  },
  'GET /api/v1/auth/oauth/:provider/callback': {
    id: 'finishSocialSignIn',
    summary: 'Where a provider sends the browser back to',
    description:
      'Takes what the provider adds to the address. A browser, which prefers HTML, gets a refusal as a page.',
    headers: ['sec-gpc'],
    answers: {
      302: { description: 'To the `redirect_uri`, with `code` or `error`.', headers: ['location', 'set-cookie'] },
    },
    problems: ['not_found', 'invalid_state'],
  },
  'POST /api/v1/auth/oauth/token': {
    id: 'exchangeCode',
    summary: 'Exchange the code of a social sign-in',
    description: 'Once, within a minute, with the verifier of the challenge that the start was given.',
    body: exchange,
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
  'GET /api/v1/users/me/identities': {
    id: 'listIdentities',
    summary: 'List linked identities',
    answers: {
      200: { description: 'Oldest first.', schema: identityListSchema, example: { identities: [identity] } },
    },
  },
  'POST /api/v1/users/me/identities/:provider/start': {
    id: 'startLink',
    summary: 'Get a ticket to link an identity',
    answers: {
      200: {
        description: 'For the `link` of the start, within five minutes.',
        schema: linkTicketSchema,
        example: { link: '…', expires_in: 300 },
      },
    },
    problems: ['not_found'],
  },
  'POST /api/v1/users/me/identities': {
    id: 'linkIdentity',
    summary: 'Link the identity that a code stands for',
    body: exchange,
    answers: { 201: { description: 'Linked.', schema: identitySchema, example: identity } },
    problems: ['invalid_token', 'identity_taken', 'email_unverified'],
  },
  'DELETE /api/v1/users/me/identities/:id': {
    id: 'unlinkIdentity',
    summary: 'Unlink an identity',
    answers: { 204: { description: 'Unlinked.' } },
    problems: ['not_found', 'last_credential'],
  },
} as const satisfies Operations
