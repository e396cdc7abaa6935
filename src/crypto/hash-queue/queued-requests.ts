/**
 * A request whose heartbeat is this late may have been aborted because its client disconnected. No code of an
 * aborted request runs any more, not even a `finally`. If the whole isolate stalls, every heartbeat is late.
 * A request is therefore considered aborted only if there is still no heartbeat a while after the first look
 * that found it late.
 */
const LATE_AFTER_MS = 100
const ABORTED_AFTER_MS = 50

/** A request in the hash queue. */
export interface QueuedRequest {
  /** Unix milliseconds at which its next heartbeat is due. */
  heartbeatDueMs: number
  /** Unix milliseconds at which its heartbeat was first found late; undefined while it is on time. */
  lateSinceMs: number | undefined
  /**
   * `idle`: does something else, such as waiting for a store. `ready`: waits for its turn. `running`: has the
   * turn.
   */
  state: 'idle' | 'ready' | 'running'
  /** Its work is done. It stays in the queue until its answer is ready, but delays no other request. */
  hasRun: boolean
  /** Ends the pause that the request is in. */
  resume: () => void
}

export const newQueuedRequest = (): QueuedRequest => ({
  heartbeatDueMs: 0,
  lateSinceMs: undefined,
  state: 'idle',
  hasRun: false,
  resume: () => undefined,
})

/** The requests in a hash queue in the order of their arrival, without those that were aborted. */
export function createQueuedRequests() {
  const queued = new Set<QueuedRequest>()

  function dropAborted(): void {
    const nowMs = Date.now()
    for (const request of queued) {
      if (nowMs - request.heartbeatDueMs < LATE_AFTER_MS) continue
      request.lateSinceMs ??= nowMs
      if (nowMs - request.lateSinceMs < ABORTED_AFTER_MS) continue
      queued.delete(request)
      // If the request was only slow, it has lost its turn and must wait for another one.
      if (request.state === 'running') request.state = 'ready'
    }
  }

  return {
    count(): number {
      dropAborted()
      return queued.size
    },
    /** Records that a request still runs, and that its next heartbeat is due in `nextInMs`. */
    heartbeat(request: QueuedRequest, nextInMs: number): void {
      request.heartbeatDueMs = Date.now() + nextInMs
      request.lateSinceMs = undefined
      // A request that was dropped by mistake enters again, at the end.
      queued.add(request)
    },
    delete: (request: QueuedRequest): void => void queued.delete(request),
    /**
     * How many requests run before this one: those in front of it that are ready, and the one that has the
     * turn, wherever it is in the queue.
     */
    countBefore(request: QueuedRequest): number {
      dropAborted()
      let count = 0
      let isInFront = true
      for (const other of queued) {
        if (other === request) isInFront = false
        else if (other.state === 'running' || (isInFront && other.state === 'ready')) count++
      }
      return count
    },
    /** How many requests arrived before this one and have not run yet. */
    positionOf(request: QueuedRequest): number {
      dropAborted()
      let position = 0
      for (const other of queued) {
        if (other === request) break
        if (!other.hasRun) position++
      }
      return position
    },
    /** Resumes the first request that waits for its turn. */
    resumeNext(): void {
      const next = [...queued].find(({ state }) => state === 'ready')
      next?.resume()
    },
    /** Resumes the request at a position, as `positionOf` counts. */
    resumeAt: (position: number): void => [...queued].filter(({ hasRun }) => !hasRun)[position]?.resume(),
  }
}
