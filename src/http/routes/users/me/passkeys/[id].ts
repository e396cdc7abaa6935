import * as z from 'zod'
import { removePasskey } from '../../../../../sign-in/passkey/remove-passkey.ts'
import { renamePasskey } from '../../../../../sign-in/passkey/rename-passkey.ts'
import { passkeyView } from '../../../../../sign-in/passkey-view.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { idParameter } from '../../../../id-parameter.ts'
import { passkeyNameSchema } from '../../../body-schemas.ts'

export const renamePasskeyRoute = route({
  method: 'PATCH',
  path: '/api/v1/users/me/passkeys/:id',
  id: 'renamePasskey',
  area: 'Second factors',
  access: 'bearer',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Rename a passkey',
  body: z.strictObject({ name: passkeyNameSchema }),
  example: () => ({ name: 'Work laptop' }),
  answers: { 200: { description: 'It has the new name.', schema: passkeyView, example: examples.passkey } },
  problems: ['not_found', 'unavailable'],
  async handle(c, { name: label }) {
    const input = { id: idParameter(c), label }
    return answer(200, await renamePasskey(c.get('ctx'), c.get('principal'), input))
  },
})

export const removePasskeyRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/passkeys/:id',
  id: 'removePasskey',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Remove a passkey',
  description:
    'The other sessions that it opened end. The last way to sign in stays. While two-step sign-in is on, so does the last ' +
    'second factor: turn it off first. Recovery codes end with the last second factor.',
  answers: { 204: 'The passkey is removed.' },
  problems: ['not_found', 'last_credential', 'factor_required'],
  async handle(c) {
    await removePasskey(c.get('ctx'), c.get('principal'), idParameter(c))
    return answer(204)
  },
})
