import { env as realEnv } from 'cloudflare:workers'

/** Changes nothing, and sets `changes()` to 0 for the next statement. */
const NO_OP = 'UPDATE users SET is_verified = is_verified WHERE 0'

/**
 * Recognises the event of a change that was `recorded` by its text. An event that uses `changes()` on its own
 * looks the same, but test/node/guarded-writes.test.ts finds that in the code. Such a condition in any other
 * statement is detected here.
 */
const RECORDED = /^\s*INSERT INTO "?audit_events"?[\s\S]*\bchanges\(\) > 0/

/**
 * The environment with a statement that changes nothing at every place of every batch where code can add one:
 * before each statement, except those that `recorded` keeps next to their change. It is a new object, so the
 * Worker starts with cold caches.
 */
export const withNoOps = (): Env => ({ ...realEnv, DB: databaseWithNoOps(realEnv.DB) })

const texts = new WeakMap<object, string>()

function databaseWithNoOps(db: D1Database): D1Database {
  return {
    ...sessionWithNoOps(db),
    withSession: (constraint?: string) => {
      const session = db.withSession(constraint)
      return { ...sessionWithNoOps(session), getBookmark: () => session.getBookmark() }
    },
  } as unknown as D1Database
}

function sessionWithNoOps(session: Pick<D1Database, 'prepare' | 'batch'>) {
  return {
    prepare: (text: string) => remember(session.prepare(text), text),
    async batch(statements: readonly D1PreparedStatement[]) {
      const isOwn: boolean[] = []
      const all = statements.flatMap((statement) => {
        const isBound = RECORDED.test(texts.get(statement) ?? '')
        isOwn.push(...(isBound ? [true] : [false, true]))
        return isBound ? [statement] : [session.prepare(NO_OP), statement]
      })
      const results = await session.batch(all)
      return results.filter((_, i) => isOwn[i])
    },
  }
}

function remember(statement: D1PreparedStatement, text: string): D1PreparedStatement {
  texts.set(statement, text)
  const bind = statement.bind.bind(statement)
  statement.bind = (...values: unknown[]) => {
    const made = bind(...values)
    texts.set(made, text)
    return made
  }
  return statement
}
