import { aroundStores } from './around-stores.ts'

/** What happens to one call of a store: it works, fails without effect, or takes effect and its reply is lost. */
export type Fault = 'none' | 'fail' | 'lose-reply'

/** @param call such as `DB.batch`, `VAULT.delete` @param index 0 for the first call through this environment */
export type FaultPlan = (call: string, index: number) => Fault

export interface FaultyEnv {
  readonly env: Env
  /** Every call that was made, in order. */
  readonly calls: string[]
}

class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

/** The environment with every call of every store passing through a plan of faults. */
export function faultyEnv(env: Env, plan: FaultPlan): FaultyEnv {
  const calls: string[] = []
  const around = async <T>(call: string, run: () => Promise<T>): Promise<T> => {
    const fault = plan(call, calls.push(call) - 1)
    if (fault === 'fail') throw new StoreFault(call)
    const result = await run()
    if (fault === 'lose-reply') throw new StoreFault(call)
    return result
  }
  return { env: aroundStores(around, {}, env), calls }
}

/** Kills the work at its nth call: that one and all later ones fail. */
export const killedAt =
  (n: number, lastFault: Exclude<Fault, 'none'> = 'fail'): FaultPlan =>
  (_, index) =>
    index < n ? 'none' : index === n ? lastFault : 'fail'
