import * as z from 'zod'
import { accessTokenView } from '../../../sessions/token-views.ts'
import { assertionResponseSchema } from '../../../sign-in/passkey-schemas.ts'
import { stepUp } from '../../../sign-in/password/step-up.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import {
  codeSchemas,
  mailCodeSchema,
  mailRequestSchema,
  passwordSchema,
  ticketSchema,
  totpCodeSchema,
} from '../body-schemas.ts'

const bodySchema = z
  .strictObject({
    password: passwordSchema.optional(),
    totp: totpCodeSchema.optional(),
    email_code: mailCodeSchema.optional(),
    request: mailRequestSchema.optional(),
    ticket: ticketSchema.optional(),
    credential: assertionResponseSchema.optional(),
    code: codeSchemas.code.optional(),
    code_verifier: codeSchemas.code_verifier.optional(),
  })
  .refine(
    ({ password, totp, email_code: mailed, credential, code }) =>
      [password, totp, mailed, credential, code].filter((one) => one !== undefined).length === 1,
    'must have one of password, totp, email_code, credential and code',
  )
  .refine(
    ({ email_code: mailed, request }) => (mailed === undefined) === (request === undefined),
    'must have request together with email_code',
  )
  .refine(
    ({ credential, ticket }) => (credential === undefined) === (ticket === undefined),
    'must have ticket together with credential',
  )
  .refine(
    ({ code, code_verifier: verifier }) => (code === undefined) === (verifier === undefined),
    'must have code_verifier together with code',
  )

// Most requests confirm a password, so an isolate does not load the code of other proofs at its start.
const loadStepUpByTotp = () => import('../../../sign-in/second-factor/step-up-by-totp.ts')
const loadStepUpByMail = () => import('../../../sign-in/mailbox/step-up-by-mail.ts')
const loadStepUpByPasskey = () => import('../../../sign-in/passkey/step-up-by-passkey.ts')
const loadStepUpByProvider = () => import('../../../sign-in/federated/step-up-by-provider.ts')

export const stepUpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/step-up',
  id: 'stepUp',
  area: 'Sign-in',
  access: 'bearer',
  limits: { policy: 'confirm-password', isCountedByVerb: true },
  hashesPassword: ({ password }) => password !== undefined,
  summary: 'Confirm a password, code, passkey or provider as a recent sign-in',
  description:
    'Takes the password, a code of the authenticator app (`totp`), or the ticket of `POST /api/v1/auth/step-up/options` ' +
    'with the answer of the authenticator (`credential`). Where the account needs two factors, a password is not compared, ' +
    'and the answer is `second_factor_required`. A code is counted on the same lock as at a sign-in. A passkey must verify ' +
    'its user. A security key is enough for a session that has a first factor. An account without ' +
    'any way in but its mailbox confirms with `email_code` and the `request` of `POST /api/v1/auth/email`. An account ' +
    'with a linked identity also confirms with the `code` of a social sign-in and its `code_verifier`.',
  body: bodySchema,
  example: () => ({ password: examples.password }),
  answers: {
    200: {
      description: 'A new access token that counts as a recent sign-in.',
      schema: accessTokenView,
      example: examples.access,
    },
  },
  problems: [
    'not_found',
    'invalid_credentials',
    'invalid_token',
    'invalid_second_factor',
    'password_reset_required',
    'second_factor_required',
    'factor_enrolment_required',
    'unavailable',
    'misconfigured',
  ],
  async handle(c, body) {
    const [ctx, principal] = [c.get('ctx'), c.get('principal')]
    const { password = '', totp, email_code: mailed, request = '', ticket = '', credential, code } = body
    if (mailed !== undefined) {
      const { stepUpByMail } = await loadStepUpByMail()
      return answer(200, await stepUpByMail(ctx, principal, { request, proof: { code: mailed } }))
    }
    if (credential !== undefined) {
      const { stepUpByPasskey } = await loadStepUpByPasskey()
      return answer(200, await stepUpByPasskey(ctx, principal, { ticket, response: credential }))
    }
    if (code !== undefined) {
      const { stepUpByProvider } = await loadStepUpByProvider()
      const { code_verifier: codeVerifier = '' } = body
      return answer(200, await stepUpByProvider(ctx, principal, { code, codeVerifier }))
    }
    if (totp === undefined) return answer(200, await stepUp(ctx, principal, password))
    const { stepUpByTotp } = await loadStepUpByTotp()
    return answer(200, await stepUpByTotp(ctx, principal, totp))
  },
})
