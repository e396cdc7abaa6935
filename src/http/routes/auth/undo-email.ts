import * as z from 'zod'
import { UNDO_EMAIL_DAYS } from '../../../core/lifetimes.ts'
import { undoEmailChange } from '../../../identity/email/undo-email-change.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { tokenSchema } from '../body-schemas.ts'

export const undoEmailChangeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/undo-email',
  id: 'undoEmailChange',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'one-time-token' },
  body: z.strictObject({ token: tokenSchema }),
  summary: 'Undo a change of e-mail address',
  description: `Takes the token that was mailed to the old address; it works for ${UNDO_EMAIL_DAYS} days. All sessions end, and the password becomes invalid.`,
  example: () => ({ token: examples.oneTimeToken('undo') }),
  answers: { 204: 'The old address is restored.' },
  problems: ['invalid_token'],
  async handle(c, { token }) {
    await undoEmailChange(c.get('ctx'), token)
    return answer(204)
  },
})
