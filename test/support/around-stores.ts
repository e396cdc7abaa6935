import { env } from 'cloudflare:workers'

/** Stands around every asynchronous call to a store: `DB.batch`, `SESSIONS.get`, `VAULT.put`, `VAULT.get.text`, … */
export type Around = <T>(call: string, run: () => Promise<T>) => Promise<T>

const KV_NAMES = ['SESSIONS', 'KEY_CACHE', 'LIMITS'] as const
const BUCKET_NAMES = ['VAULT', 'ARCHIVE'] as const

/**
 * The environment with `around` at every store. A new object, so the Worker starts with cold isolate caches.
 * @param settings replaced variables, such as `SIGN_IN_MAX_FAILURES`
 */
export function aroundStores(around: Around, settings: Record<string, string> = {}): Env {
  const kv = KV_NAMES.map((name) => [name, observe(env[name], name, around)])
  const buckets = BUCKET_NAMES.map((name) => [name, observe(env[name], name, around)])
  return { ...env, DB: observeDatabase(env.DB, around), ...Object.fromEntries([...kv, ...buckets]), ...settings }
}

/** Fails every call that `isHit` names, as a store does that is down. */
export const failing = (isHit: (call: string) => boolean, message = 'D1_ERROR: Network connection lost.'): Env =>
  aroundStores((call, run) => (isHit(call) ? Promise.reject(new Error(message)) : run()))

/** Counts the calls to stores by name. */
export function countCalls(): { readonly env: Env; readonly calls: string[] } {
  const calls: string[] = []
  const counted = aroundStores((call, run) => {
    calls.push(call)
    return run()
  })
  return { env: counted, calls }
}

/** Lets `act` happen once, just before the database runs the batch of this number (1 is the first). */
export function beforeBatch(number: number, act: () => Promise<unknown>): Env {
  let seen = 0
  return aroundStores(async (call, run) => {
    if (call === 'DB.batch' && ++seen === number) await act()
    return run()
  })
}

type Method = (...args: unknown[]) => unknown

/** Methods that answer at once are passed through; a body that was got is observed as well. */
function observe<T extends object>(store: T, name: string, around: Around): T {
  return new Proxy(store, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function' || typeof property === 'symbol') return member
      const call = `${name}.${property}`
      return async (...args: unknown[]) => {
        const result = await around(call, async () => (member as Method).apply(target, args))
        return isBody(result) ? observe(result, call, around) : result
      }
    },
  })
}

const isBody = (value: unknown): value is R2ObjectBody => typeof value === 'object' && value !== null && 'body' in value

const inner = new WeakMap<object, D1PreparedStatement>()

function observeDatabase(db: D1Database, around: Around): D1Database {
  const observed = {
    ...observeSession(db, around),
    withSession: (constraint?: string) => {
      const session = db.withSession(constraint)
      return { ...observeSession(session, around), getBookmark: () => session.getBookmark() }
    },
  }
  return observed as unknown as D1Database
}

function observeSession(session: Pick<D1Database, 'prepare' | 'batch'>, around: Around) {
  const unwrap = (statement: D1PreparedStatement) => inner.get(statement) ?? statement
  return {
    prepare: (query: string) => observeStatement(session.prepare(query), around),
    batch: (statements: D1PreparedStatement[]) => around('DB.batch', () => session.batch(statements.map(unwrap))),
  }
}

function observeStatement(statement: D1PreparedStatement, around: Around): D1PreparedStatement {
  const observed = {
    bind: (...values: unknown[]) => observeStatement(statement.bind(...values), around),
    first: () => around('DB.first', () => statement.first()),
    all: () => around('DB.all', () => statement.all()),
    run: () => around('DB.run', () => statement.run()),
    raw: () => around('DB.raw', () => statement.raw()),
  } as unknown as D1PreparedStatement
  inner.set(observed, statement)
  return observed
}
