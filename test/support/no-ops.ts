import { env as realEnv } from 'cloudflare:workers'

/** Changes nothing, and makes `changes()` 0 for the statement behind it. */
const NO_OP = 'UPDATE users SET is_verified = is_verified WHERE 0'

/**
 * The event of a change that was `recorded`, by its text. An event that asks `changes()` on its own looks
 * alike; a test over the code finds that (`test/node/guarded-writes.test.ts`). A condition of this kind in
 * any other statement is seen here.
 */
const RECORDED = /^\s*INSERT INTO "?audit_events"?[\s\S]*\bchanges\(\) > 0/

/**
 * The environment with a statement that changes nothing at every place of every batch where code can put one:
 * before each statement but those that `recorded` keeps with their change. A new object, so the Worker starts
 * with cold caches.
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
