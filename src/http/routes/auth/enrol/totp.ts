import * as z from 'zod'
import { addFirstTotp } from '../../../../sign-in/second-factor/add-first-totp.ts'
import { totpAddedView } from '../../../../sign-in/second-factor/factors-view.ts'
import { signInView } from '../../../../sign-in/sign-in-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { mailCodeSchema, ticketSchema, totpCodeSchema } from '../../body-schemas.ts'
import { placeTokens, sessionModeSchema } from '../../sign-in-answer.ts'

export const addFirstTotpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/enrol/totp',
  id: 'addFirstTotp',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'second-factor', isCountedByVerb: true },
  summary: 'Add an authenticator app without a session',
  description:
    'Takes the ticket, a code of the app and the `enrolment_token`, which works once. Turns two-step sign-in on. With the ' +
    'token of a first step, `mail_code` is required, and the answer is that of a sign-in: the session that the first step ' +
    'waited for. With any other token, no session is opened: sign in afterwards. Five wrong mailed codes within 15 minutes, ' +
    'or 20 within a day, lock the account for further ones: 429 with the quota `second-factor`.',
  body: z.strictObject({
    enrolment_token: ticketSchema,
    ticket: ticketSchema,
    code: totpCodeSchema,
    mail_code: mailCodeSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  }),
  example: () => ({
    enrolment_token: examples.enrolmentToken,
    ticket: examples.totpTicket,
    code: examples.totp,
    mail_code: examples.mailCode,
  }),
  answers: {
    201: {
      description: 'The app is added, and with the token of a first step the person is signed in.',
      schema: [signInView, totpAddedView],
      example: () => ({ ...examples.signIn(), recovery_codes: examples.recoveryCodes() }),
      headers: ['set-cookie'],
    },
  },
  problems: [
    'invalid_token',
    'invalid_second_factor',
    'invalid_mail_code',
    'account_suspended',
    'email_unverified',
    'password_reset_required',
    'origin_not_allowed',
    'unavailable',
  ],
  async handle(c, { enrolment_token: enrolmentToken, ticket, code, mail_code: mailCode, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const added = await addFirstTotp(c.get('ctx'), { enrolmentToken, ticket, code, mailCode })
    return answer(201, added.kind === 'added' ? { recovery_codes: added.codes } : placeTokens(c, added, mode))
  },
})
