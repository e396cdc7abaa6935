import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { OperationName } from './contender.ts'

/** One round: this many connections of a contender for this long. */
export interface Run {
  readonly contender: string
  readonly operation: OperationName
  /** The origin that answers the operation. */
  readonly origin: string
  readonly connections: number
  readonly seconds: number
}

/** The result of one round. */
export interface Tally {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly completed: number
  readonly failed: number
  /** The first few errors. */
  readonly errors: readonly string[]
}

export interface Registration {
  readonly contender: string
  readonly origin: string
  readonly people: number
}

export interface Preparation {
  readonly contender: string
  readonly operation: OperationName
  /** The origin of the sign-in. */
  readonly home: string
}

export interface Single {
  readonly contender: string
  readonly operation: OperationName
  readonly origin: string
}

export type Order =
  | ({ readonly kind: 'register' } & Registration)
  | ({ readonly kind: 'prepare' } & Preparation)
  | ({ readonly kind: 'once' } & Single)
  | ({ readonly kind: 'run' } & Run)
export type GeneratorCall = { readonly id: number } & Order
export interface GeneratorReply {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** The process that simulates the clients. */
export interface Generator {
  readonly pid: number
  register(registration: Registration): Promise<void>
  /**
   * Signs in every person whose session is too old, before a run, and does what the operation needs.
   * @returns false if there was nothing to do
   */
  prepare(preparation: Preparation): Promise<boolean>
  /** One operation of the first person. */
  once(single: Single): Promise<void>
  run(run: Run): Promise<Tally>
  [Symbol.dispose](): void
}

/** Starts the generator as a process of its own. */
export function startGenerator(): Generator {
  const child = fork(join(import.meta.dirname, 'generator.ts'))
  const ask = createAsk(child)
  return {
    pid: child.pid ?? 0,
    register: async (registration) => {
      await ask({ kind: 'register', ...registration })
    },
    prepare: async (preparation) => (await ask({ kind: 'prepare', ...preparation })) as boolean,
    once: async (single) => {
      await ask({ kind: 'once', ...single })
    },
    run: async (run) => (await ask({ kind: 'run', ...run })) as Tally,
    [Symbol.dispose]: () => {
      child.kill()
    },
  }
}

function createAsk(child: ChildProcess) {
  const pending = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  child.on('message', ({ id, result, error }: GeneratorReply) => {
    if (error === undefined) pending.get(id)?.resolve(result)
    else pending.get(id)?.reject(new Error(error))
    pending.delete(id)
  })
  child.on('exit', () => {
    for (const { reject } of pending.values()) reject(new Error('the load generator ended'))
  })
  return (order: Order): Promise<unknown> => {
    const id = ++lastId
    const waiting = Promise.withResolvers<unknown>()
    pending.set(id, waiting)
    child.send({ id, ...order } satisfies GeneratorCall)
    return waiting.promise
  }
}
