import { recoveryCodesView } from '../../../../sign-in/second-factor/factors-view.ts'
import { makeRecoveryCodes } from '../../../../sign-in/second-factor/make-recovery-codes.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const makeRecoveryCodesRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/recovery-codes',
  id: 'makeRecoveryCodes',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Make new recovery codes',
  description: 'Ten codes, each for one sign-in in place of the second factor. They are shown once. Earlier codes end.',
  answers: {
    201: {
      description: 'The new codes.',
      schema: recoveryCodesView,
      example: () => ({ recovery_codes: examples.recoveryCodes() }),
    },
  },
  problems: ['email_unverified', 'no_factor'],
  async handle(c) {
    return answer(201, await makeRecoveryCodes(c.get('ctx'), c.get('principal')))
  },
})
