import { interceptStores } from './intercept-stores.ts'

/**
 * What happens to one call of a store: it works; it fails without effect; it takes effect and the reply is
 * lost; or it takes effect and is the last call that its request makes.
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
  /** Settles when a call has been interrupted. */
  readonly killed: Promise<'killed'>
  /**
   * Rejects the promises that never settle after an interrupted call, once the test no longer reads what was
   * left behind.
   */
  readonly bury: () => void
}

class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** The environment with a plan of faults around every call of every store. */
export function faultyEnv(env: Env, plan: FaultPlan): FaultyEnv {
  const calls: string[] = []
  const { promise: killed, resolve: kill } = Promise.withResolvers<'killed'>()
  const { promise: neverAnswers, reject: endWaiting } = Promise.withResolvers<never>()
  // A rejection without a listener is no error here.
  neverAnswers.catch(() => undefined)
  let isDead = false
  const around = async <T>(call: string, run: () => Promise<T>): Promise<T> => {
    if (isDead) return neverAnswers
    const fault = plan(call, calls.push(call) - 1)
    if (fault === 'fail') throw new StoreFault(call)
    // Calls that were started at the same time have reached the store as well. Later calls never start.
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

/** Interrupts the work at its nth call: that call and all later ones fail. */
export const killedAt =
  (n: number, lastFault: Exclude<Fault, 'none'> = 'fail'): FaultPlan =>
  (_, index) =>
    index < n ? 'none' : index === n ? lastFault : 'fail'

/**
 * KV as another location reads it for a minute or two: values and misses stay as they were when they were
 * first read through this environment. Writes take effect, but are not visible here.
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
