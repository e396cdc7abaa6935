/** What happens to one call of a store: it works, fails without effect, or takes effect and its reply is lost. */
export type Fault = 'none' | 'fail' | 'lose-reply'

/** @param call such as `DB.batch`, `VAULT.delete` @param index 0 for the first call through this environment */
export type FaultPlan = (call: string, index: number) => Fault

export interface FaultyEnv {
  readonly env: Env
  /** Every call that was made, in order. */
  readonly calls: string[]
}

const FAILING = {
  DB: ['batch'],
  SESSIONS: ['get', 'put', 'delete'],
  KEY_CACHE: ['get', 'put', 'delete'],
  VAULT: ['get', 'put', 'delete', 'list', 'head'],
  ARCHIVE: ['get', 'put', 'list'],
  AUDIT_QUEUE: ['send', 'sendBatch'],
} as const

class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** The environment with every call of every store passing through a plan of faults. */
export function faultyEnv(env: Env, plan: FaultPlan): FaultyEnv {
  const calls: string[] = []
  async function attempt<T>(name: string, work: () => Promise<T>): Promise<T> {
    const fault = plan(name, calls.push(name) - 1)
    if (fault === 'fail') throw new StoreFault(name)
    const result = await work()
    if (fault === 'lose-reply') throw new StoreFault(name)
    return result
  }
  const stores = Object.entries(FAILING).map(([binding, methods]) => {
    const store = env[binding as keyof typeof FAILING] as object
    return [binding, wrap(store, binding, methods, attempt)]
  })
  return { env: { ...env, ...Object.fromEntries(stores) } as Env, calls }
}

/** Kills the work at its nth call: that one and all later ones fail. */
export const killedAt =
  (n: number, lastFault: Exclude<Fault, 'none'> = 'fail'): FaultPlan =>
  (_, index) =>
    index < n ? 'none' : index === n ? lastFault : 'fail'

type Attempt = <T>(name: string, work: () => Promise<T>) => Promise<T>

function wrap(store: object, binding: string, methods: readonly string[], attempt: Attempt): object {
  return new Proxy(store, {
    get(target, property) {
      const value = Reflect.get(target, property) as unknown
      if (typeof value !== 'function') return value
      const bound = value.bind(target) as (...args: unknown[]) => unknown
      const name = `${binding}.${String(property)}`
      if (property === 'withSession')
        return (...args: unknown[]) => wrap(bound(...args) as object, binding, methods, attempt)
      if (property === 'prepare')
        return (...args: unknown[]) => wrapStatement(bound(...args) as D1PreparedStatement, attempt)
      if (methods.includes(String(property))) {
        return (...args: unknown[]) => attempt(name, async () => bound(...args.map(unwrapAll)))
      }
      return bound
    },
  })
}

const originals = new WeakMap<object, object>()

/** D1 takes only its own statements in a batch. */
function unwrapAll(argument: unknown): unknown {
  if (Array.isArray(argument)) return argument.map(unwrapAll)
  return typeof argument === 'object' && argument !== null ? (originals.get(argument) ?? argument) : argument
}

function wrapStatement(statement: D1PreparedStatement, attempt: Attempt): D1PreparedStatement {
  const proxy = new Proxy(statement, {
    get(target, property) {
      const value = Reflect.get(target, property) as (...args: unknown[]) => unknown
      if (property === 'bind')
        return (...args: unknown[]) => wrapStatement(value.apply(target, args) as D1PreparedStatement, attempt)
      if (property === 'first' || property === 'all' || property === 'run' || property === 'raw') {
        return (...args: unknown[]) => attempt(`DB.${property}`, async () => value.apply(target, args))
      }
      return value
    },
  })
  originals.set(proxy, statement)
  return proxy
}
