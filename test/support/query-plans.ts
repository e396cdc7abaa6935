import { env } from 'cloudflare:workers'

interface RecordedQuery {
  readonly sql: string
  readonly params: readonly unknown[]
}

export interface QueryRecorder {
  readonly env: Env
  /** The query plan of each recorded statement, one line a step. Empties the record. */
  readonly plans: () => Promise<string[]>
}

/** Records every statement that the Worker prepares, to explain it to the test afterwards. */
export function recordQueries(): QueryRecorder {
  let queries: RecordedQuery[] = []
  const observe = <T extends Pick<D1Database, 'prepare'>>(database: T): T =>
    new Proxy(database, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target)
        if (property === 'withSession') return (...args: [string?]) => observe(env.DB.withSession(...args))
        if (property === 'prepare') return prepare
        return typeof member === 'function' ? member.bind(target) : member

        function prepare(sql: string) {
          const statement = target.prepare(sql)
          return {
            bind(...params: unknown[]) {
              queries.push({ sql, params })
              return statement.bind(...params)
            },
          }
        }
      },
    })

  async function plans(): Promise<string[]> {
    const recorded = queries
    queries = []
    const explained = recorded.map(({ sql, params }) => env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...params))
    const results = await env.DB.batch<{ detail: string }>(explained)
    return results.flatMap((result) => result.results.map(({ detail }) => detail))
  }

  return { env: { ...env, DB: observe(env.DB) }, plans }
}
