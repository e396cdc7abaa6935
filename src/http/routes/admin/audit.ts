import { accepts } from 'hono/accepts'
import * as z from 'zod'
import { userIdSchema } from '../../../core/ids.ts'
import { type ListedEvent, listEvents } from '../../../operators/list-events.ts'
import { verifyArchive } from '../../../operators/verify-archive.ts'
import { formatCsv } from '../../csv.ts'
import type { HttpContext } from '../../environment.ts'
import type { Route } from '../../route.ts'
import { adminRoute, limitSchema, linkNextPage, timeSchema } from './admin-route.ts'
import { isRevealComplete, revealFields, reveals } from './reveal.ts'

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

const verifySchema = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,12}$/, 'must be the next_after of a page')
    .transform(Number)
    .optional(),
  // Two objects a segment, of the thousand calls that a Worker may make.
  limit: limitSchema(100, 200),
})

export const adminAuditRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/audit',
    query: searchSchema,
    handsOutInBulk: (c, query) => wantsCsv(c) || reveals(c, query),
    async handle(c, _, { actor, subject, action, occurred_after, occurred_before, cursor, limit, reason }) {
      const page = await listEvents(c.get('ctx'), {
        ...{ actorId: actor, subjectId: subject, action, cursor, limit, revealFor: reason },
        ...{ occurredAfterMs: occurred_after, occurredBeforeMs: occurred_before },
      })
      linkNextPage(c, page.nextCursor)
      c.header('vary', 'Accept')
      if (!wantsCsv(c))
        return c.json({ events: page.items, next_cursor: page.nextCursor, complete_since: page.completeSince })
      return c.body(formatCsv(CSV_COLUMNS, page.items), 200, {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="audit.csv"',
      })
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/audit/verify',
    query: verifySchema,
    async handle(c, _, query) {
      return c.json(await verifyArchive(c.get('ctx'), query))
    },
  }),
]

const wantsCsv = (c: HttpContext): boolean =>
  accepts(c, { header: 'Accept', supports: ['application/json', 'text/csv'], default: 'application/json' }) ===
  'text/csv'
