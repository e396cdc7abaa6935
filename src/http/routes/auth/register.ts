import * as z from 'zod'
import type { ApiAddress } from '../../../core/api-address.ts'
import { messageView } from '../../../core/message-view.ts'
import { profileFieldSchemas } from '../../../core/profile.ts'
import { emailAddressSchema } from '../../../identity/email/email-address.ts'
import { registerUser } from '../../../identity/register-user.ts'
import {
  keptRegistration,
  registeredView,
  registrationMailed,
  showRegistered,
} from '../../../identity/registered-view.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { idempotent } from '../../idempotency.ts'
import { sentConsents } from '../../sent-consents.ts'
import { consentsSchema, passwordSchema } from '../body-schemas.ts'

export const registerRoute = route({
  method: 'POST',
  path: '/api/v1/auth/register',
  id: 'register',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'register', email: ({ email }) => email },
  hashesPassword: true,
  isIdempotent: true,
  summary: 'Register an account',
  description:
    'Sends a verification link to the address. E-mail addresses are case-insensitive. `consents` are the documents of ' +
    '`CONSENT_DOCUMENTS` to which the person agrees, in their current versions. Without a required one: 422.',
  headers: ['sec-gpc'],
  body: z.strictObject({
    email: emailAddressSchema,
    password: passwordSchema,
    full_name: profileFieldSchemas.full_name.optional(),
    phone_number: profileFieldSchemas.phone_number.optional(),
    preferences: profileFieldSchemas.preferences.optional(),
    consents: consentsSchema,
  }),
  example: () => ({ email: examples.email, password: examples.password, full_name: 'Ada Lovelace' }),
  answers: {
    201: {
      description: 'The account is registered.',
      schema: registeredView,
      example: () => showRegistered(examples.id),
      headers: ['location'],
    },
    202: {
      description: 'With `REGISTRATION_MODE=private`: the same answer for registered and new addresses.',
      schema: messageView,
      example: () => registrationMailed,
    },
  },
  problems: ['email_taken'],
  async handle(c, { email, password, consents: sent, ...profile }) {
    const consents = sentConsents(c, sent)
    const view = await idempotent(c, keptRegistration, () =>
      registerUser(c.get('ctx'), { email, password, profile, consents }),
    )
    return 'id' in view ? answer(201, view, { location: '/api/v1/users/me' satisfies ApiAddress }) : answer(202, view)
  },
})
