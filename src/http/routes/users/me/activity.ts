import * as z from 'zod'
import { activityView } from '../../../../compliance/activity/activity-view.ts'
import { listActivity } from '../../../../compliance/activity/list-activity.ts'
import { showActivity } from '../../../../compliance/activity/subject-event.ts'
import type { AuditAction } from '../../../../core/audit-event.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { limitSchema, nextPageLink } from '../../../contract/query-members.ts'
import { examples } from '../../../examples/examples.ts'

const SIGNED_IN = 'user.signed_in' satisfies AuditAction['action']
const EVENT_ID = '01a20beb-e3d7-7000-8000-5d1c0f6c2b11'

export const listActivityRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/activity',
  id: 'listActivity',
  area: 'Privacy',
  access: 'bearer',
  query: z.strictObject({ limit: limitSchema(20, 100), cursor: z.uuidv7().optional() }),
  summary: 'List account activity',
  answers: {
    200: {
      description:
        'Audit events about the signed-in user, newest first. A page may hold fewer events than `limit`, or none, and still have a `next_cursor`.',
      schema: activityView,
      example: () => ({
        events: [
          showActivity(
            examples.id,
            {
              id: EVENT_ID,
              occurred_at: examples.atMs,
              action: SIGNED_IN,
              outcome: 'success',
              ...{
                actor_type: 'user',
                actor_id: examples.id,
                detail: JSON.stringify({ session_id: examples.session }),
              },
            },
            { client: examples.client, uncertain: [] },
          ),
        ],
        next_cursor: EVENT_ID,
      }),
      headers: ['link'],
    },
  },
  async handle(c, _, query) {
    const page = await listActivity(c.get('ctx'), c.get('principal'), query)
    return answer(200, page, nextPageLink(c, page.next_cursor))
  },
})
