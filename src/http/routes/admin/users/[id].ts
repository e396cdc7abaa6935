import * as z from 'zod'
import { exampleProfile } from '../../../../core/profile.ts'
import { getUser } from '../../../../operators/get-user.ts'
import { maskPerson } from '../../../../operators/personal-view.ts'
import { viewedUserView } from '../../../../operators/user-views.ts'
import { adminRoute } from '../../../contract/admin-route.ts'
import { answer } from '../../../contract/answers.ts'
import { isRevealComplete, revealFields, reveals } from '../../../contract/reveal.ts'
import { examples } from '../../../examples/examples.ts'
import { operatorExamples } from '../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../id-parameter.ts'

export const getUserRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/users/:id',
  id: 'getUser',
  summary: 'Get an account',
  description: '`reveal=true` with a `reason` shows personal data unmasked and requires a recent sign-in.',
  query: z.strictObject(revealFields).refine(isRevealComplete, 'reveal and reason belong together'),
  handsOutInBulk: reveals,
  answers: {
    200: {
      description: 'The account; personal data is masked unless revealed.',
      schema: viewedUserView,
      example: () => ({
        ...operatorExamples.account(),
        ...maskPerson({ email: examples.email, profile: exampleProfile() }),
        has_password: true,
        live_sessions: 1,
        factors: {
          two_step: { enabled: true, since: examples.at, due_at: null },
          totp: { created_at: examples.at },
          passkeys: { usable: 2, blocked: 0, created_at: examples.at, last_used_at: examples.at },
          recovery_codes: { left: 9, created_at: examples.at },
          reset: null,
        },
        erasure: null,
        data_key: 'found',
        is_revealed: false,
      }),
    },
  },
  problems: ['not_found', 'step_up_required'],
  async handle(c, _, { reason }) {
    return answer(200, await getUser(c.get('ctx'), { userId: userIdParameter(c), revealFor: reason }))
  },
})
