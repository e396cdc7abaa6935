import { keepOwnFactors } from '../../../../identity/factor-reset/keep-own-factors.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'

export const keepOwnFactorsRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/factor-reset',
  id: 'keepOwnFactors',
  area: 'Account',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Cancel a requested reset of second factors',
  description: 'For a person who has just proven the second factor, and so has not lost it.',
  answers: { 204: 'The reset that an operator requested is cancelled.' },
  problems: ['not_found'],
  async handle(c) {
    await keepOwnFactors(c.get('ctx'), c.get('principal'))
    return answer(204)
  },
})
