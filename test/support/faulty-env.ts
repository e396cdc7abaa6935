import { interceptStores } from './intercept-stores.ts'

/**
 * What happens to one call of a store: it works; fails without effect; takes effect and its reply is lost; or
 * takes effect and is the last thing that its request ever does.
 */
export type Fault = 'none' | 'fail' | 'lose-reply' | 'kill'

/**
 * @param call such as `DB.batch`, `VAULT.delete`
 * @param index 0 for the first call through this environment
 */
export type FaultPlan = (call: string, index: number) => Fault

export interface FaultyEnv {
  readonly env: Env
  /** Every call that was made, in order. */
  readonly calls: string[]
  /** Settles when a call has been killed. */
  readonly killed: Promise<'killed'>
  /** Ends in an error what waits for ever after a kill, once nobody asks any more what was left behind. */
  readonly bury: () => void
}

class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** The environment with every call of every store passing through a plan of faults. */
export function faultyEnv(env: Env, plan: FaultPlan): FaultyEnv {
  const calls: string[] = []
  const { promise: killed, resolve: kill } = Promise.withResolvers<'killed'>()
  const { promise: neverAnswers, reject: endWaiting } = Promise.withResolvers<never>()
  // Nobody may have waited.
  neverAnswers.catch(() => undefined)
  let isDead = false
  const around = async <T>(call: string, run: () => Promise<T>): Promise<T> => {
    if (isDead) return neverAnswers
    const fault = plan(call, calls.push(call) - 1)
    if (fault === 'fail') throw new StoreFault(call)
    // What was begun beside it is at the store's, too; what has not begun never does.
    if (fault === 'kill') isDead = true
    const result = await run()
    if (fault === 'lose-reply') throw new StoreFault(call)
    if (fault === 'none') return result
    kill('killed')
    return neverAnswers
  }
  const bury = () => endWaiting(new StoreFault('killed'))
  return { env: interceptStores(around, {}, env), calls, killed, bury }
}

/** Kills the work at its nth call: that one and all later ones fail. */
export const killedAt =
  (n: number, lastFault: Exclude<Fault, 'none'> = 'fail'): FaultPlan =>
  (_, index) =>
    index < n ? 'none' : index === n ? lastFault : 'fail'

/**
 * KV as another location sees it for a minute or two: values and misses as they were when they were first
 * read through this environment. Writes arrive, and are not seen here.
 */
export function laggingKv(env: Env): Env {
  const lag = (kv: KVNamespace): KVNamespace => {
    const seen = new Map<string, Promise<unknown>>()
    return new Proxy(kv, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        if (name !== 'get') return member.bind(target)
        return (key: string, type?: unknown) => {
          const known = seen.get(key) ?? (Reflect.apply(member, target, [key, type]) as Promise<unknown>)
          seen.set(key, known)
          return known
        }
      },
    })
  }
  return { ...env, SESSIONS: lag(env.SESSIONS), KEY_CACHE: lag(env.KEY_CACHE), LIMITS: lag(env.LIMITS) }
}
