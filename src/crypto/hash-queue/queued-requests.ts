/**
 * Who is so late may have been cut off by its client: then nothing of it runs any more, no `finally`. It is
 * taken for dead when it stays away after that was noticed: if the machine stalls, everyone is late, and only
 * late.
 */
const SUSPECT_AFTER_MS = 100
const DEAD_AFTER_MS = 50

/** A request in a line. */
export interface QueuedRequest {
  /** When it will show itself again. */
  dueAtMs: number
  suspectedAtMs: number | undefined
  /** Waits for a store, for its turn, or has it. */
  state: 'away' | 'ready' | 'working'
  /** Its work is done; what it does now holds up nobody. */
  hasWorked: boolean
  /** Ends the pause it is in. */
  wake: () => void
}

export const newQueuedRequest = (): QueuedRequest => ({
  dueAtMs: 0,
  suspectedAtMs: undefined,
  state: 'away',
  hasWorked: false,
  wake: () => undefined,
})

/** Who is in a line, in the order in which they came, and who of them is dead. No promise and no timer. */
export function createQueuedRequests() {
  const queued = new Set<QueuedRequest>()

  function dropDead(): void {
    const nowMs = Date.now()
    for (const request of queued) {
      if (nowMs - request.dueAtMs < SUSPECT_AFTER_MS) continue
      request.suspectedAtMs ??= nowMs
      if (nowMs - request.suspectedAtMs < DEAD_AFTER_MS) continue
      queued.delete(request)
      // If it lives after all, it has lost its turn and asks for another.
      if (request.state === 'working') request.state = 'ready'
    }
  }

  return {
    count(): number {
      dropDead()
      return queued.size
    },
    /** Says that a request lives, and when it will say so again. */
    show(request: QueuedRequest, againInMs: number): void {
      request.dueAtMs = Date.now() + againInMs
      request.suspectedAtMs = undefined
      // If it was taken for dead after all, it starts again at the end.
      queued.add(request)
    },
    delete: (request: QueuedRequest): void => void queued.delete(request),
    /**
     * How many work before this one: those ready in front of it, and whoever has the turn, wherever it
     * stands.
     */
    rankOf(request: QueuedRequest): number {
      dropDead()
      let rank = 0
      let isBefore = true
      for (const other of queued) {
        if (other === request) isBefore = false
        else if (other.state === 'working' || (isBefore && other.state === 'ready')) rank++
      }
      return rank
    },
    /** How many have come before this one and not worked yet. */
    placeOf(request: QueuedRequest): number {
      dropDead()
      let place = 0
      for (const other of queued) {
        if (other === request) break
        if (!other.hasWorked) place++
      }
      return place
    },
    wakeNext(): void {
      const next = [...queued].find(({ state }) => state === 'ready')
      next?.wake()
    },
    /** Whoever has so many in front of it that have not worked yet. */
    wakeAt: (place: number): void => [...queued].filter(({ hasWorked }) => !hasWorked)[place]?.wake(),
  }
}
