/** One call to a store that a request made. */
export interface StoreCall {
  readonly store: StoreKind
  readonly method: string
  /** Statements of a call to D1. */
  readonly statements: number
  /** Rows of tables and indexes that these statements read. */
  readonly rowsRead: number
  /**
   * 1 for a call that started before any other had ended, 2 for one that started after such a call had ended,
   * and so on.
   */
  readonly depth: number
  /** The answer did not wait for it. */
  readonly isAfter: boolean
}
export type StoreKind = 'D1' | 'KV' | 'R2' | 'queue'

/** The calls of requests since the last reading. */
export interface Recorded {
  readonly calls: readonly StoreCall[]
  readonly pending: number
}

interface Begun<T> {
  readonly store: StoreKind
  readonly method: string
  readonly statements?: number
  rowsOf?(result: T): number
}

/**
 * Records calls to stores, of one request after the other. A call that starts after another has ended is
 * assumed to have waited for it. This is an upper bound, and needs no clock.
 */
export function createRecorder() {
  let calls: StoreCall[] = []
  const pending = new Set<{ isAfter: boolean }>()
  let endedDepth = 0
  let isAnswered = false

  return {
    async around<T>({ store, method, statements = 0, rowsOf }: Begun<T>, run: () => Promise<T>): Promise<T> {
      const call = { store, method, statements, rowsRead: 0, depth: endedDepth + 1, isAfter: isAnswered }
      calls.push(call)
      pending.add(call)
      try {
        const result = await run()
        call.rowsRead = rowsOf?.(result) ?? 0
        return result
      } finally {
        pending.delete(call)
        if (!call.isAfter) endedDepth = Math.max(endedDepth, call.depth)
      }
    },
    /** From now until its answer, calls belong to this request. */
    async request(run: () => Promise<Response>): Promise<Response> {
      isAnswered = false
      try {
        return await run()
      } finally {
        isAnswered = true
        for (const call of pending) call.isAfter = true
      }
    },
    /** @returns the calls since the last reading */
    take(): Recorded {
      const taken = { calls, pending: pending.size }
      calls = []
      endedDepth = 0
      return taken
    },
    peek: (): Recorded => ({ calls, pending: pending.size }),
  }
}
export type Recorder = ReturnType<typeof createRecorder>
