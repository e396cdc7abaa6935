import * as z from 'zod'
import { addPasskey } from '../../../../sign-in/passkey/add-passkey.ts'
import { passkeyAddedView } from '../../../../sign-in/passkey/passkey-views.ts'
import { registrationResponseSchema } from '../../../../sign-in/passkey-schemas.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { passkeyNameSchema, ticketSchema } from '../../body-schemas.ts'

export const addPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/passkeys',
  id: 'addPasskey',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Add a passkey or a security key',
  description:
    'Takes the ticket of `POST /api/v1/users/me/passkeys/options`, once, and what the authenticator answered, as `toJSON` ' +
    'writes it. The owner is mailed, with a link that removes it for seven days. A security key turns two-step sign-in on, ' +
    'unless `two_step` is false; a passkey only if it is true. Recovery codes are then shown once, if the account has none ' +
    'that can be used.',
  body: z.strictObject({
    ticket: ticketSchema,
    credential: registrationResponseSchema,
    name: passkeyNameSchema.optional(),
    two_step: z.boolean().optional(),
  }),
  example: () => ({ ticket: examples.passkeyAddTicket, credential: examples.registration(), name: 'Phone' }),
  answers: { 201: { description: 'It is added.', schema: passkeyAddedView, example: examples.passkeyAdded } },
  problems: ['email_unverified', 'passkey_known', 'passkey_limit', 'unavailable', 'misconfigured'],
  async handle(c, { ticket, credential: response, name: label, two_step: turnsTwoStepOn }) {
    const input = { ticket, response, label, turnsTwoStepOn }
    return answer(201, await addPasskey(c.get('ctx'), c.get('principal'), input))
  },
})
