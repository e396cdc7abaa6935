import { accepts } from 'hono/accepts'
import * as z from 'zod'
import type { AuditAction } from '../../../core/audit-event.ts'
import { userIdSchema } from '../../../core/ids.ts'
import { auditPageView, type ListedEvent } from '../../../operators/audit-view.ts'
import { listEvents, showEvent } from '../../../operators/list-events.ts'
import { adminRoute } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { limitSchema, nextPageLink, timeSchema } from '../../contract/query-members.ts'
import { isRevealComplete, revealFields, reveals } from '../../contract/reveal.ts'
import { formatCsv } from '../../csv.ts'
import type { HttpContext } from '../../environment.ts'
import { examples } from '../../examples/examples.ts'

const { id, at, atMs } = examples
const SIGNED_IN = 'user.signed_in' satisfies AuditAction['action']

const searchSchema = z
  .strictObject({
    actor: userIdSchema.optional(),
    subject: userIdSchema.optional(),
    action: z
      .string()
      .regex(/^[a-z_]{1,32}\.[a-z_]{1,32}$/, 'must be the name of an action')
      .optional(),
    occurred_after: timeSchema.optional(),
    occurred_before: timeSchema.optional(),
    cursor: z.uuidv7().optional(),
    limit: limitSchema(50, 500),
    ...revealFields,
  })
  .refine(isRevealComplete, 'reveal and reason belong together')
  .refine(({ reveal, subject }) => reveal === undefined || subject !== undefined, 'reveal needs a subject')

const CSV_COLUMNS = [
  ...(['id', 'occurred_at', 'action', 'outcome', 'actor_type', 'actor_id', 'subject_id', 'request_id'] as const),
  ...(['detail', 'is_archived', 'ip', 'user_agent', 'city', 'country', 'note'] as const),
] as const satisfies readonly (keyof ListedEvent)[]

export const listAuditEventsRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/audit',
  id: 'listAuditEvents',
  summary: 'Read the audit trail',
  description:
    'Complete from `complete_since` on; older events may be only in the archive. Send `Accept: text/csv` to get CSV.',
  query: searchSchema,
  handsOutInBulk: (c, query) => wantsCsv(c) || reveals(c, query),
  answers: {
    200: {
      description: 'A page of events, newest first.',
      schema: auditPageView,
      example: () => ({
        events: [
          showEvent(
            {
              id,
              occurred_at: atMs,
              action: SIGNED_IN,
              outcome: 'success',
              actor_type: 'user',
              actor_id: id,
              subject_id: id,
              request_id: id,
              detail: null,
              archived_at: atMs,
            },
            {},
          ),
        ],
        next_cursor: id,
        complete_since: at,
      }),
      raw: 'text/csv',
      headers: ['link'],
    },
  },
  problems: ['step_up_required'],
  async handle(c, _, { actor, subject, action, occurred_after, occurred_before, cursor, limit, reason }) {
    const page = await listEvents(c.get('ctx'), {
      actorId: actor,
      subjectId: subject,
      action,
      cursor,
      limit,
      revealFor: reason,
      occurredAfterMs: occurred_after,
      occurredBeforeMs: occurred_before,
    })
    const headers = { vary: 'Accept', ...nextPageLink(c, page.next_cursor) }
    if (!wantsCsv(c)) return answer(200, page, headers)
    return c.body(formatCsv(CSV_COLUMNS, page.events), 200, {
      ...headers,
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="audit.csv"',
    })
  },
})

const wantsCsv = (c: HttpContext): boolean =>
  accepts(c, { header: 'Accept', supports: ['application/json', 'text/csv'], default: 'application/json' }) ===
  'text/csv'
