import { factorsView, showOwnFactors } from '../../../../sign-in/second-factor/factors-view.ts'
import { getFactors } from '../../../../sign-in/second-factor/get-factors.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const getFactorsRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/factors',
  id: 'getFactors',
  area: 'Second factors',
  access: 'bearer',
  summary: 'Get password, passkeys, second factors and two-step sign-in',
  answers: {
    200: {
      description: 'Dates, passkeys, and how many recovery codes can still be used.',
      schema: factorsView,
      example: () =>
        showOwnFactors(
          {
            two_step_at: examples.atMs,
            two_step_due_at: null,
            has_password: true,
            password_changed_at: examples.atMs,
            totp_created_at: examples.atMs,
            codes_left: 10,
            codes_created_at: examples.atMs,
            reset_kinds: null,
            reset_due_at: null,
          },
          {
            passkeys: [examples.passkey()],
            ...examples.passkeySignal(),
            user_name: examples.email,
            user_display_name: 'Ada Lovelace',
          },
        ),
    },
  },
  async handle(c) {
    return answer(200, await getFactors(c.get('ctx'), c.get('principal')))
  },
})
