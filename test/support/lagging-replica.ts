import { env as realEnv } from 'cloudflare:workers'
import { rows } from './stores.ts'

export interface LaggingReplica {
  readonly env: Env
  /** Copies the primary as it is now. Until the next call the replica stays unchanged. */
  readonly catchUp: () => Promise<void>
  /** The constraint of each request: `first-primary`, or a bookmark. */
  readonly asked: readonly string[]
}

const replica = (realEnv as Env & { readonly TEST_REPLICA: D1Database }).TEST_REPLICA

/**
 * D1 with read replication, simulated with two local databases. A session that starts at a bookmark reads the
 * replica if that is at least as new. Otherwise it reads the primary (D1's documentation, "Read
 * replication").
 */
export function createLaggingReplica(): LaggingReplica {
  const asked: string[] = []
  let reached = ''

  const replicated = (): D1DatabaseSession => {
    const session = replica.withSession('first-primary')
    return Object.assign(Object.create(null), {
      prepare: (query: string) => session.prepare(query),
      batch: (statements: D1PreparedStatement[]) => session.batch(statements),
      getBookmark: () => reached,
    })
  }
  const withSession = (constraint = 'first-unconstrained') => {
    asked.push(constraint)
    const isNewEnough = /^first-/.test(constraint) ? constraint === 'first-unconstrained' : constraint <= reached
    return isNewEnough ? replicated() : realEnv.DB.withSession(constraint)
  }
  const catchUp = async () => {
    await copyDatabase()
    reached = await currentBookmark()
  }
  return { env: { ...realEnv, DB: Object.assign(Object.create(realEnv.DB), { withSession }) }, catchUp, asked }
}

async function currentBookmark(): Promise<string> {
  const session = realEnv.DB.withSession('first-primary')
  await session.prepare('SELECT 1').run()
  return session.getBookmark() ?? ''
}

async function copyDatabase(): Promise<void> {
  const tables = await rows(`SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'`)
  const created = tables.flatMap(({ name, sql }) => [`DROP TABLE IF EXISTS "${name}"`, String(sql)])
  const statements = ['PRAGMA defer_foreign_keys = on', ...created]
  const copies = await Promise.all(tables.map(({ name }) => copyOf(String(name))))
  await replica.batch([...statements.map((statement) => replica.prepare(statement)), ...copies.flat()])
}

const copyOf = async (table: string): Promise<D1PreparedStatement[]> =>
  (await rows(`SELECT * FROM "${table}"`)).map((row) => {
    const columns = Object.keys(row)
    const names = columns.map((column) => `"${column}"`).join(', ')
    const places = columns.map(() => '?').join(', ')
    return replica.prepare(`INSERT INTO "${table}" (${names}) VALUES (${places})`).bind(...Object.values(row))
  })
