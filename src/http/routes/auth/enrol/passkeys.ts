import * as z from 'zod'
import { enrolPasskey } from '../../../../sign-in/passkey/enrol-passkey.ts'
import { passkeyAddedView } from '../../../../sign-in/passkey/passkey-views.ts'
import { registrationResponseSchema } from '../../../../sign-in/passkey-schemas.ts'
import { signInView } from '../../../../sign-in/sign-in-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { mailCodeSchema, passkeyNameSchema, ticketSchema } from '../../body-schemas.ts'
import { placeTokens, sessionModeSchema } from '../../sign-in-answer.ts'

export const enrolPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/auth/enrol/passkeys',
  id: 'enrolPasskey',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'second-factor', isCountedByVerb: true },
  summary: 'Add a passkey or a security key without a session',
  description:
    'Takes the `enrolment_token`, which works once, the ticket, and what the authenticator answered. Turns two-step sign-in ' +
    'on, and mails the owner a link that removes the passkey for seven days. With the token of a first step, `mail_code` is ' +
    'required, and the answer is that of a sign-in: the session that the first step waited for. With any other token, no ' +
    'session is opened: sign in afterwards. A wrong mailed code counts as in `POST /api/v1/auth/enrol/totp`, and leaves the ' +
    'ticket and the credential usable. A credential that is not accepted uses its ticket up.',
  body: z.strictObject({
    enrolment_token: ticketSchema,
    ticket: ticketSchema,
    credential: registrationResponseSchema,
    name: passkeyNameSchema.optional(),
    mail_code: mailCodeSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  }),
  example: () => ({
    enrolment_token: examples.enrolmentToken,
    ticket: examples.passkeyAddTicket,
    credential: examples.registration(),
    mail_code: examples.mailCode,
  }),
  answers: {
    201: {
      description: 'The passkey is added, and with the token of a first step the person is signed in.',
      schema: [signInView, passkeyAddedView],
      example: () => ({ ...examples.signIn(), recovery_codes: examples.recoveryCodes() }),
      headers: ['set-cookie'],
    },
  },
  problems: [
    'invalid_token',
    'invalid_mail_code',
    'passkey_known',
    'account_suspended',
    'email_unverified',
    'password_reset_required',
    'origin_not_allowed',
    'unavailable',
    'misconfigured',
  ],
  async handle(c, body) {
    const { enrolment_token: enrolmentToken, ticket, credential: response, name: label, mail_code: mailCode } = body
    if (body.session_mode === 'cookie') requireCookieOrigin(c)
    const added = await enrolPasskey(c.get('ctx'), { enrolmentToken, ticket, response, label, mailCode })
    return answer(201, added.kind === 'added' ? added.view : placeTokens(c, added, body.session_mode))
  },
})
