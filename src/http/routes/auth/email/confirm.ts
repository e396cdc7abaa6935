import * as z from 'zod'
import { LOWEST_LEVEL } from '../../../../core/assurance.ts'
import { confirmSignInCode } from '../../../../sign-in/mailbox/confirm-sign-in-code.ts'
import { signUpAskedView } from '../../../../sign-in/sign-in-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { mailCodeSchema, mailRequestSchema, tokenSchema } from '../../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../../sign-in-answer.ts'

const body = z
  .strictObject({
    request: mailRequestSchema,
    code: mailCodeSchema.optional(),
    token: tokenSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  })
  .refine(({ code, token }) => (code === undefined) !== (token === undefined), 'must have either code or token')

export const confirmSignInCodeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/email/confirm',
  id: 'confirmSignInCode',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'one-time-token', isCountedByVerb: true },
  summary: 'Sign in with a mailed code or link',
  description:
    `Takes \`request\`, and the \`code\` of the mail or the \`token\` of its link. A proof of a mailbox is the level \`${LOWEST_LEVEL}\`: an ` +
    'account with a second factor is asked for it. Five wrong codes for a request, or 20 a day for an address, are refused ' +
    'with 429 and the quota `sign-in-code`; the link works all the same.',
  body,
  example: () => ({ request: examples.mailRequest, code: examples.mailCode }),
  answers: {
    200: {
      ...signedInOrAsked,
      description: `${signedInOrAsked.description} At a sign-up without an account: \`passkey_required\`.`,
      schema: [...signedInOrAsked.schema, signUpAskedView],
    },
  },
  problems: [
    'not_found',
    'invalid_token',
    'account_suspended',
    'second_factor_required',
    'email_unverified',
    'origin_not_allowed',
    'misconfigured',
  ],
  async handle(c, { request, code, token = '', session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const proof = code === undefined ? { token } : { code }
    const result = await confirmSignInCode(c.get('ctx'), { request, proof })
    return answer(200, result.kind === 'sign-up' ? result.view : loginBody(c, result, mode))
  },
})
