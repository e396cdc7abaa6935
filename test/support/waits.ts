import { type Answer, type Call, call } from './api.ts'
import { type Around, interceptStores } from './intercept-stores.ts'

/** How a request waited for its stores. */
export interface Waits {
  readonly answer: Answer
  /**
   * Calls that were pending at the same time, wait by wait. The length is the number of waits in sequence
   * before the answer.
   */
  readonly rounds: readonly (readonly string[])[]
  /** Calls that started only after the answer was ready. */
  readonly after: readonly string[]
}

export interface WaitRecorder {
  /** Its isolate caches are cold until a request has passed through `call` with it. */
  readonly env: Env
  readonly measure: (path: string, options?: Call) => Promise<Waits>
}

/**
 * Turns of the event loop without a new call, after which the request must be waiting for the pending calls.
 */
const QUIET_TURNS = 4

/**
 * Counts dependent waits by holding every call to a store. When the request makes no more calls, all held
 * calls are released together, which is one round. A call that depends on the result of another cannot start
 * in the same round. A call that is not awaited (`waitUntil`) delays nothing. So the rounds before the answer
 * are the waits in sequence, without a clock. Burst limits count in the memory of the machine and are no
 * wait.
 */
export function recordWaits(settings: Record<string, string> = {}): WaitRecorder {
  let gate: Gate | undefined
  const isWait = (name: string) => !name.startsWith('BURST_')
  const env = interceptStores((name, run) => (gate && isWait(name) ? gate.around(name, run) : run()), settings)

  async function measure(path: string, options: Call = {}): Promise<Waits> {
    const opened = openGate()
    gate = opened
    const progress = { isAnswered: false }
    const answer = call(path, { ...options, env, onResponse: () => (progress.isAnswered = true) })
    const rounds: string[][] = []
    try {
      while (await opened.isHolding(progress)) rounds.push(await opened.release())
      return { answer: await opened.releaseUntil(answer), rounds, after: opened.after }
    } finally {
      gate = undefined
    }
  }

  return { env, measure }
}

interface Gate {
  readonly around: Around
  /** Waits until the request makes no more calls. @returns false once it has been answered */
  readonly isHolding: (progress: { readonly isAnswered: boolean }) => Promise<boolean>
  /** Releases the held calls and waits for their results. @returns their names */
  readonly release: () => Promise<string[]>
  /** Releases all calls from now on. */
  readonly releaseUntil: <T>(end: Promise<T>) => Promise<T>
  readonly after: string[]
}

interface HeldCall {
  readonly name: string
  readonly start: () => Promise<unknown>
}

function openGate(): Gate {
  let held: HeldCall[] = []
  let isOpen = false
  let events = 0
  const after: string[] = []

  const around: Around = <T>(name: string, run: () => Promise<T>) => {
    events++
    if (isOpen) {
      after.push(name)
      return run()
    }
    return new Promise<T>((resolve, reject) => {
      const start = () => run().then(resolve, reject)
      held.push({ name, start })
    })
  }

  async function release(): Promise<string[]> {
    const released = held
    held = []
    await Promise.all(released.map(({ start }) => start()))
    return released.map(({ name }) => name).sort()
  }

  return {
    around,
    release,
    after,
    async isHolding(progress) {
      let quiet = 0
      while (!progress.isAnswered && (quiet < QUIET_TURNS || held.length === 0)) {
        const before = events
        await turn()
        quiet = events === before ? quiet + 1 : 0
      }
      return !progress.isAnswered
    },
    async releaseUntil(end) {
      isOpen = true
      after.push(...held.map(({ name }) => name))
      await release()
      return end
    },
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
