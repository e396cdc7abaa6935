import { getLock } from '../../../../../operators/get-lock.ts'
import { lockListView, showLock } from '../../../../../operators/lock-view.ts'
import { adminRoute } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { examples } from '../../../../examples/examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const getLockRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/users/:id/lock',
  id: 'getLock',
  summary: 'Get the lockout and rate limit counters of an account',
  answers: {
    200: {
      description: 'The counters that have not expired.',
      schema: lockListView,
      example: () => ({
        locks: [
          showLock({
            kind: 'lock',
            policy: 'sign-in',
            by: 'email',
            count: 10,
            quota: 10,
            isUsedUp: true,
            endsAtMs: examples.atMs,
          }),
        ],
      }),
    },
  },
  problems: ['not_found'],
  async handle(c) {
    return answer(200, await getLock(c.get('ctx'), userIdParameter(c)))
  },
})
