import { TICKET_MINUTES } from '../../../../../core/lifetimes.ts'
import { enrolmentTokenView } from '../../../../../operators/enrolment-token-view.ts'
import { makeEnrolmentToken } from '../../../../../operators/make-enrolment-token.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const makeEnrolmentTokenRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/enrolment-token',
  id: 'makeEnrolmentToken',
  summary: 'Make a token to add a second factor',
  description:
    'Only with `MAIL_TRANSPORT=off`, for an active account without a second factor. The person adds one with the token, without a session and without a mailed code, and then signs in.',
  body: operationSchema,
  example: () => operatorExamples.operation,
  answers: {
    200: {
      description: 'The token. It works once.',
      schema: enrolmentTokenView,
      example: () => ({ enrolment_token: 'v2.…', expires_in: TICKET_MINUTES.enrol * 60 }),
    },
  },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await makeEnrolmentToken(c.get('ctx'), { userId: userIdParameter(c), ...operation }))
  },
})
