import * as z from 'zod'
import { showTwoStep, twoStepSetView } from '../../../../sign-in/second-factor/factors-view.ts'
import { setTwoStep } from '../../../../sign-in/second-factor/set-two-step.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const setTwoStepRoute = route({
  method: 'PUT',
  path: '/api/v1/users/me/two-step',
  id: 'setTwoStep',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Turn two-step sign-in on or off',
  description:
    'Turning it on needs a second factor, ends other sessions that proved one factor, and answers recovery codes if the ' +
    'account has none that can be used. Turning it off keeps the second factors.',
  body: z.strictObject({ enabled: z.boolean() }),
  example: () => ({ enabled: true }),
  answers: {
    200: {
      description: 'Two-step sign-in is on or off.',
      schema: twoStepSetView,
      example: () => ({
        two_step: showTwoStep({ two_step_at: examples.atMs, two_step_due_at: null }),
        recovery_codes: examples.recoveryCodes(),
      }),
    },
  },
  problems: ['email_unverified', 'no_factor', 'factor_required'],
  async handle(c, { enabled }) {
    return answer(200, await setTwoStep(c.get('ctx'), c.get('principal'), enabled))
  },
})
