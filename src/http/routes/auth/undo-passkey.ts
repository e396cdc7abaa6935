import * as z from 'zod'
import { undoPasskey } from '../../../sign-in/passkey/undo-passkey.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { tokenSchema } from '../body-schemas.ts'

export const undoPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/auth/undo-passkey',
  id: 'undoPasskey',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'one-time-token' },
  body: z.strictObject({ token: tokenSchema }),
  summary: 'Remove a passkey that was added',
  description:
    'Takes the token that was mailed to the owner when the passkey was added. All sessions end, because one of them added ' +
    'the passkey. The link works also if the passkey was removed meanwhile.',
  example: () => ({ token: examples.oneTimeToken('unkey') }),
  answers: { 204: 'The passkey is removed.' },
  problems: ['invalid_token'],
  async handle(c, { token }) {
    await undoPasskey(c.get('ctx'), token)
    return answer(204)
  },
})
