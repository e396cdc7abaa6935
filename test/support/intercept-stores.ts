import { env as realEnv } from 'cloudflare:workers'

/**
 * Runs around every asynchronous call to a store: `DB.batch`, `SESSIONS.get`, `VAULT.put`, `VAULT.get.text`,
 * …
 */
export type Around = <T>(call: string, run: () => Promise<T>) => Promise<T>

/** Every binding except the database, which returns objects of its own. */
const BINDINGS = [
  'SESSIONS',
  'KEY_CACHE',
  'LIMITS',
  'VAULT',
  'ARCHIVE',
  'AUDIT_QUEUE',
  'MAIL_QUEUE',
  'BURST_SIGN_IN',
  'BURST_WRITE',
  'BURST_LOG',
  'EMAIL',
] as const satisfies readonly (keyof Env)[]

/** The bindings with a mirror of the vault, which an operator may add. */
export type MirroredEnv = Env & { readonly VAULT_MIRROR: R2Bucket }

/** The environment of the tests with a mirror of the vault. */
export const mirroredEnv = (): MirroredEnv => ({
  ...realEnv,
  VAULT_MIRROR: (realEnv as Env & { readonly TEST_VAULT_MIRROR: R2Bucket }).TEST_VAULT_MIRROR,
})

/**
 * The environment with `around` at every store. It is a new object, so the Worker starts with cold isolate
 * caches.
 * @param settings replaced variables, such as `SIGN_IN_MAX_FAILURES`
 * @param env the environment below it
 */
export function interceptStores(
  around: Around,
  settings: Record<string, string> = {},
  env: Env | MirroredEnv = realEnv,
): Env {
  const observed = BINDINGS.map((name) => [name, observe(env[name], name, around)])
  const mirror = 'VAULT_MIRROR' in env ? { VAULT_MIRROR: observe(env.VAULT_MIRROR, 'VAULT_MIRROR', around) } : {}
  return { ...env, DB: observeDatabase(env.DB, around), ...Object.fromEntries(observed), ...mirror, ...settings }
}

/** Fails every call that `isHit` selects, as a store that is down does. */
export const failing = (isHit: (call: string) => boolean, message = 'D1_ERROR: Network connection lost.'): Env =>
  interceptStores((call, run) => (isHit(call) ? Promise.reject(new Error(message)) : run()))

/** Fails the nth call of one name, counted from 1, as `failing` does. */
export function failingAt(name: string, number: number, message?: string): Env {
  let seen = 0
  return failing((call) => call === name && ++seen === number, message)
}

interface CountedCalls {
  readonly env: Env
  readonly calls: string[]
}

/** Counts the calls to stores by name; burst limits store nothing. */
export function countCalls(settings: Record<string, string> = {}, below: Env = realEnv): CountedCalls {
  const calls: string[] = []
  const counted = interceptStores(
    (call, run) => {
      if (!call.startsWith('BURST_')) calls.push(call)
      return run()
    },
    settings,
    below,
  )
  return { env: counted, calls }
}

/** Runs `act` once, just before the database runs the batch with this number, counted from 1. */
export function beforeBatch(number: number, act: () => Promise<unknown>, settings: Record<string, string> = {}): Env {
  let seen = 0
  return interceptStores(async (call, run) => {
    if (call === 'DB.batch' && ++seen === number) await act()
    return run()
  }, settings)
}

type Method = (...args: unknown[]) => unknown

/** Synchronous methods are passed through. The body of an R2 object is observed as well. */
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
