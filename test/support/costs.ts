import { env as realEnv } from 'cloudflare:workers'
import { type Around, interceptStores } from './intercept-stores.ts'

/**
 * What a piece of work costs at the stores, in the units that are billed and that limit the database's one
 * writer.
 */
export interface Costs {
  readonly statements: number
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly kvReads: number
  readonly kvWrites: number
  readonly r2Writes: number
  readonly messages: number
}

/** Bytes between the Worker and the database. */
export interface Traffic {
  /** SQL text and bound values. */
  readonly toDatabase: number
  /** Rows, as JSON. */
  readonly fromDatabase: number
}

const NONE: Costs = {
  statements: 0,
  rowsRead: 0,
  rowsWritten: 0,
  kvReads: 0,
  kvWrites: 0,
  r2Writes: 0,
  messages: 0,
}

const KV = /^(SESSIONS|KEY_CACHE|LIMITS)\.(get|put|delete)$/
const R2_WRITE = /^(VAULT|ARCHIVE)\.(put|delete)$/

const NO_TRAFFIC: Traffic = { toDatabase: 0, fromDatabase: 0 }

/**
 * Adds up the calls to stores through `env`. D1 itself reports the rows (`meta`). `traffic` is that of the
 * last work given to `during`.
 */
export function countCosts(settings: Record<string, string> = {}) {
  let costs = { ...NONE }
  let traffic: Traffic = NO_TRAFFIC
  const carry = ({ toDatabase, fromDatabase }: Traffic) => {
    traffic = {
      toDatabase: traffic.toDatabase + toDatabase,
      fromDatabase: traffic.fromDatabase + fromDatabase,
    }
  }
  const add = (more: Partial<Costs>) => {
    for (const [name, value] of Object.entries(more)) costs[name as keyof Costs] += value
  }
  const around: Around = (call, run) => {
    const [, , operation] = KV.exec(call) ?? []
    if (operation !== undefined) add(operation === 'get' ? { kvReads: 1 } : { kvWrites: 1 })
    if (R2_WRITE.test(call)) add({ r2Writes: 1 })
    return run()
  }
  const counted = { ...realEnv, DB: metered(realEnv.DB, add, carry), ...queues(add) }
  const env = interceptStores(around, settings, counted)
  const during = async (work: () => Promise<unknown>): Promise<Costs> => {
    costs = { ...NONE }
    traffic = NO_TRAFFIC
    await work()
    return costs
  }
  return { env, during, traffic: () => traffic }
}

const queues = (add: (costs: Partial<Costs>) => void) =>
  Object.fromEntries(
    (['AUDIT_QUEUE', 'MAIL_QUEUE'] as const).map((name) => [
      name,
      {
        sendBatch: (messages: MessageSendRequest[]) => {
          add({ messages: messages.length })
          return realEnv[name].sendBatch(messages as never)
        },
        metrics: () => realEnv[name].metrics(),
      },
    ]),
  ) as unknown as Pick<Env, 'AUDIT_QUEUE' | 'MAIL_QUEUE'>

type Add = (costs: Partial<Costs>) => void

function metered(db: D1Database, add: Add, carry: (traffic: Traffic) => void): D1Database {
  const bill = <T>(result: D1Result<T>, toDatabase: number): D1Result<T> => {
    add({ statements: 1, rowsRead: result.meta.rows_read, rowsWritten: result.meta.rows_written })
    carry({ toDatabase, fromDatabase: bytesOf(result.results) })
    return result
  }
  const meteredStatement = (target: D1PreparedStatement, bytes: number): D1PreparedStatement => {
    const statement = new Proxy(target, {
      get(_, property) {
        if (property === 'bind')
          return (...values: unknown[]) => meteredStatement(target.bind(...values), bytes + bytesOf(values))
        if (property === 'all') return async () => bill(await target.all(), bytes)
        if (property === 'first') return async () => bill(await target.all(), bytes).results[0] ?? null
        return Reflect.get(target, property)
      },
    })
    originals.set(statement, { target, bytes })
    return statement
  }
  const open = (session: Pick<D1Database, 'prepare' | 'batch'>) => ({
    prepare: (query: string) => meteredStatement(session.prepare(query), query.length),
    batch: async (statements: D1PreparedStatement[]) => {
      const known = statements.map((statement) => originals.get(statement) ?? { target: statement, bytes: 0 })
      const results = await session.batch(known.map(({ target }) => target))
      return results.map((result, i) => bill(result, known[i]?.bytes ?? 0))
    },
  })
  const withSession = (constraint?: string) => {
    const session = db.withSession(constraint)
    return { ...open(session), getBookmark: () => session.getBookmark() }
  }
  return { ...open(db), withSession } as unknown as D1Database
}

const originals = new WeakMap<object, { readonly target: D1PreparedStatement; readonly bytes: number }>()

const bytesOf = (values: unknown): number => new TextEncoder().encode(JSON.stringify(values)).length
