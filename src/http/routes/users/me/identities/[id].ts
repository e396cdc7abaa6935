import { unlinkIdentity } from '../../../../../sign-in/federated/identities/unlink-identity.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { idParameter } from '../../../../id-parameter.ts'

export const unlinkIdentityRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/identities/:id',
  id: 'unlinkIdentity',
  area: 'Social sign-in',
  access: 'step-up',
  limits: { policy: 'change-identities' },
  summary: 'Unlink an identity',
  answers: { 204: 'The identity is unlinked.' },
  problems: ['not_found', 'last_credential'],
  async handle(c) {
    await unlinkIdentity(c.get('ctx'), c.get('principal'), idParameter(c))
    return answer(204)
  },
})
