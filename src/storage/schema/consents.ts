import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { consentDecisions, consentSources } from '../../core/consent.ts'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** Every decision of a person about a document. The newest one for a document counts. */
export const consents = sqliteTable(
  'consents',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    document: text('document').notNull(),
    version: text('version').notNull(),
    decision: text('decision', { enum: consentDecisions }).notNull(),
    decidedAt: integer('decided_at').notNull(),
    source: text('source', { enum: consentSources }).notNull(),
  },
  (table) => [index('consents_user').on(table.userId, table.document, table.id)],
)
