import * as z from 'zod'
import { changePassword } from '../../../../sign-in/password/change-password.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { passwordSchema } from '../../body-schemas.ts'

export const changePasswordRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/password',
  id: 'changePassword',
  area: 'Account',
  access: 'step-up',
  limits: { policy: 'confirm-password', isCountedByVerb: true },
  hashesPassword: true,
  body: z.strictObject({ current_password: passwordSchema, new_password: passwordSchema }),
  summary: 'Change the password',
  description: 'All other sessions end, and the user gets a mail about the change.',
  example: () => ({ current_password: examples.password, new_password: examples.newPassword }),
  answers: { 204: 'The password is changed.' },
  problems: ['invalid_credentials', 'password_reset_required', 'rate_limited'],
  async handle(c, { current_password: currentPassword, new_password: newPassword }) {
    await changePassword(c.get('ctx'), c.get('principal'), { currentPassword, newPassword })
    return answer(204)
  },
})

export const removePasswordRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/password',
  id: 'removePassword',
  area: 'Account',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Remove the password',
  description:
    'For an account that signs in with passkeys. The session must have proven one. Two passkeys must ' +
    'remain, or one and a recovery code. A mailed link can still set a new password.',
  answers: { 204: 'The password is removed.' },
  problems: ['not_found', 'last_credential'],
  async handle(c) {
    const { removePassword } = await import('../../../../sign-in/password/remove-password.ts')
    await removePassword(c.get('ctx'), c.get('principal'))
    return answer(204)
  },
})
