/** One call to a store that a request made. */
export interface StoreCall {
  readonly store: StoreKind
  readonly method: string
  /** Statements of a call to D1. */
  readonly statements: number
  /** Rows that these read, of tables and of indexes. */
  readonly rowsRead: number
  /** 1 for a call that began before any other had ended, 2 for one that began only after such a call, … */
  readonly depth: number
  /** The answer did not wait for it. */
  readonly isAfter: boolean
}
export type StoreKind = 'D1' | 'KV' | 'R2' | 'queue'

/** What the requests since the last reading called. */
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
 * Notes calls to stores, one request after the other. A call that begins after another has ended is taken to
 * have waited for it: an upper bound, which no clock has a part in.
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
    /** From here to its answer, calls belong to a request. */
    async request(run: () => Promise<Response>): Promise<Response> {
      isAnswered = false
      try {
        return await run()
      } finally {
        isAnswered = true
        for (const call of pending) call.isAfter = true
      }
    },
    /** @returns what happened since the last time */
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
