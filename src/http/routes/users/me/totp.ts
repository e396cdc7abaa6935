import * as z from 'zod'
import { addTotp } from '../../../../sign-in/second-factor/add-totp.ts'
import { totpAddedView } from '../../../../sign-in/second-factor/factors-view.ts'
import { removeTotp } from '../../../../sign-in/second-factor/remove-totp.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { tokenSchema, totpCodeSchema } from '../../body-schemas.ts'

export const addTotpRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/totp',
  id: 'addTotp',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Add or replace an authenticator app with a code of it',
  description:
    'Turns two-step sign-in on, unless `two_step` is false, and then answers recovery codes if the account has none that ' +
    'can be used. They are shown once. All other sessions end, unless `end_other_sessions` is false: then those end that ' +
    'proved one factor, if two-step sign-in was turned on. The code cannot be used again to sign in.',
  body: z.strictObject({
    ticket: tokenSchema,
    code: totpCodeSchema,
    two_step: z.boolean().default(true),
    end_other_sessions: z.boolean().default(true),
  }),
  example: () => ({ ticket: examples.totpTicket, code: examples.totp }),
  answers: {
    201: {
      description: 'The app is added.',
      schema: totpAddedView,
      example: () => ({ recovery_codes: examples.recoveryCodes() }),
    },
  },
  problems: ['email_unverified', 'invalid_second_factor', 'unavailable'],
  async handle(c, { ticket, code, two_step: turnsTwoStepOn, end_other_sessions: endsOtherSessions }) {
    const input = { ticket, code, turnsTwoStepOn, endsOtherSessions }
    return answer(201, await addTotp(c.get('ctx'), c.get('principal'), input))
  },
})

export const removeTotpRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/totp',
  id: 'removeTotp',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Remove the authenticator app',
  description: 'Recovery codes end with it. While two-step sign-in is on, the app stays: turn it off first.',
  answers: { 204: 'The app is removed.' },
  problems: ['not_found', 'factor_required'],
  async handle(c) {
    await removeTotp(c.get('ctx'), c.get('principal'))
    return answer(204)
  },
})
