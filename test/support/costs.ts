import { env as realEnv } from 'cloudflare:workers'
import { type Around, aroundStores } from './around-stores.ts'

/** What a piece of work asked of the stores, in the units that are billed and that the database's one writer is busy with. */
export interface Costs {
  readonly statements: number
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly kvReads: number
  readonly kvWrites: number
  readonly r2Writes: number
  readonly messages: number
}

const NONE: Costs = {
  ...{ statements: 0, rowsRead: 0, rowsWritten: 0 },
  ...{ kvReads: 0, kvWrites: 0, r2Writes: 0, messages: 0 },
}

const KV = /^(SESSIONS|KEY_CACHE|LIMITS)\.(get|put|delete)$/
const R2_WRITE = /^(VAULT|ARCHIVE)\.(put|delete)$/

/** Sums what is asked of the stores through `env`; D1 itself says how many rows that was (`meta`). */
export function countCosts(settings: Record<string, string> = {}) {
  let costs = { ...NONE }
  const add = (more: Partial<Costs>) => {
    for (const [name, value] of Object.entries(more)) costs[name as keyof Costs] += value
  }
  const around: Around = (call, run) => {
    const [, , operation] = KV.exec(call) ?? []
    if (operation !== undefined) add(operation === 'get' ? { kvReads: 1 } : { kvWrites: 1 })
    if (R2_WRITE.test(call)) add({ r2Writes: 1 })
    return run()
  }
  const counted = { ...realEnv, DB: metered(realEnv.DB, add), ...queues(add) }
  const env = aroundStores(around, settings, counted)
  const during = async (work: () => Promise<unknown>): Promise<Costs> => {
    costs = { ...NONE }
    await work()
    return costs
  }
  return { env, during }
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
      },
    ]),
  ) as unknown as Pick<Env, 'AUDIT_QUEUE' | 'MAIL_QUEUE'>

function metered(db: D1Database, add: (costs: Partial<Costs>) => void): D1Database {
  const bill = <T>(result: D1Result<T>): D1Result<T> => {
    add({ statements: 1, rowsRead: result.meta.rows_read, rowsWritten: result.meta.rows_written })
    return result
  }
  const meteredStatement = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        if (property === 'bind') return (...values: unknown[]) => meteredStatement(target.bind(...values))
        if (property === 'all') return async () => bill(await target.all())
        if (property === 'first') return async () => bill(await target.all()).results[0] ?? null
        if (property === 'target') return target
        return Reflect.get(target, property)
      },
    })
  const bare = (statement: D1PreparedStatement) => (statement as unknown as { target: D1PreparedStatement }).target
  const open = (session: Pick<D1Database, 'prepare' | 'batch'>) => ({
    prepare: (query: string) => meteredStatement(session.prepare(query)),
    batch: async (statements: D1PreparedStatement[]) => (await session.batch(statements.map(bare))).map(bill),
  })
  const withSession = (constraint?: string) => {
    const session = db.withSession(constraint)
    return { ...open(session), getBookmark: () => session.getBookmark() }
  }
  return { ...open(db), withSession } as unknown as D1Database
}
