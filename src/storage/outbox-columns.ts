import { type SQL, sql } from 'drizzle-orm'

/** The columns of `audit_events` that make an `ArchivedEvent`. */
export const eventColumns: SQL = sql.raw(
  'id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, pii_enc',
)
