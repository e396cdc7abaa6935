import { AppError } from '../../core/errors.ts'
import { log } from '../../core/log.ts'
import type { Cooperative } from './cooperative.ts'
import { createQueuedRequests, newQueuedRequest, type QueuedRequest } from './queued-requests.ts'

/** One request's membership in a hash queue. */
export interface QueueEntry {
  /**
   * Waits until fewer than eight requests before this one have not run yet. A request reads its rows after
   * this. Otherwise a hundred requests that arrive together would all query the stores at once, and their
   * rows would be outdated when their turn comes.
   */
  waitUntilNear(): Promise<void>
  /** Runs the work when its turn comes. No other work of the queue runs before it ends. */
  run<Result>(work: Cooperative<Result>): Promise<Result>
  /** Leaves the queue, so that the requests behind advance. */
  leave(): void
}

/**
 * A bounded first-in, first-out queue in which the requests of one isolate wait before they hash a password.
 */
export interface HashQueue {
  /** Does not enter the queue. @throws AppError `unavailable` with `Retry-After` when the queue is full */
  assertCapacity(): void
  /** @throws as `assertCapacity` */
  enter(): QueueEntry
  /**
   * Records that the isolate got a request that hashes nothing. For a while, work then pauses between its
   * slices so that such short requests can run.
   */
  noteShortRequest(): void
}

/** About the time that a full queue of the default length needs. */
const RETRY_AFTER_SECONDS = 3
/** This many requests may read their rows: enough that one is always ready when the one before it is done. */
const NEAR = 8
/**
 * A waiting request is resumed when its turn comes. Also polls, in case the request that should resume it was
 * aborted. The interval grows with the number of requests before it.
 */
const POLL_MS = { perRequest: 20, most: 500 }
/** Interval of the heartbeats of a request that does not wait in the queue, for instance for a store. */
const HEARTBEAT_MS = 100
/** After this time without a short request, work no longer pauses: a pause would only delay the hash. */
const PAUSE_FOR_MS = 1000

/**
 * Creates a queue for work that occupies the processor. Without it, requests that have read their rows would
 * wait for the processor in an unbounded number, and every short request would wait behind them.
 *
 * Whether the queue is full is decided by a count and not by time: the clock of a Worker does not advance
 * while code runs, and the time of a hash differs between machines. No request depends only on a promise of
 * another request, because it would hang forever if that request is aborted. Each request has its own timers
 * and its own promise, which another request may resolve earlier.
 */
export function createHashQueue(capacity: number): HashQueue {
  const queued = createQueuedRequests()
  /** How many runs have ended. */
  let endedRuns = 0
  let lastShortRequestMs = Number.NEGATIVE_INFINITY
  let isRefusing = false

  async function pause(request: QueuedRequest, ms: number): Promise<void> {
    queued.heartbeat(request, ms)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    request.resume = resolve
    await promise
    // Cleared here and not by the request that resumes this one, because a timer belongs to its own request.
    clearTimeout(timer)
    request.resume = () => undefined
  }

  async function waitUntilNear(request: QueuedRequest): Promise<void> {
    for (let position = queued.positionOf(request); position >= NEAR; position = queued.positionOf(request))
      await pause(request, Math.min(POLL_MS.most, (position - NEAR + 1) * POLL_MS.perRequest))
  }

  async function waitForTurn(request: QueuedRequest): Promise<void> {
    request.state = 'ready'
    let before = 0
    let endedRunsBefore: number
    // Each request pauses at least once, so that all requests that arrive together are in the queue before
    // the first of them runs. It pauses once more after a run of another request, so that a short request
    // never waits for two runs.
    do {
      endedRunsBefore = endedRuns
      await pause(request, Math.min(POLL_MS.most, before * POLL_MS.perRequest))
      before = queued.countBefore(request)
    } while (before > 0 || endedRunsBefore !== endedRuns)
    request.state = 'running'
  }

  async function run<Result>(request: QueuedRequest, work: Cooperative<Result>): Promise<Result> {
    try {
      for (;;) {
        // Checked before each slice: a request that was considered aborted during a pause has lost its turn.
        if (request.state !== 'running') await waitForTurn(request)
        const slice = work.next()
        if (slice.done) return slice.value
        if (Date.now() - lastShortRequestMs < PAUSE_FOR_MS) await pause(request, 0)
      }
    } finally {
      request.state = 'idle'
      request.hasRun = true
      endedRuns++
      queued.resumeNext()
      queued.resumeAt(NEAR - 1)
    }
  }

  function refuse(): never {
    // Logged once for each flood, not for each refused request.
    if (!isRefusing) log('warn', 'waiting_line_full', { capacity })
    isRefusing = true
    throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  function assertCapacity(): void {
    const count = queued.count()
    if (count >= capacity) refuse()
    if (count < capacity / 2) isRefusing = false
  }

  return {
    assertCapacity,
    enter() {
      assertCapacity()
      const request = newQueuedRequest()
      const startHeartbeat = () => {
        queued.heartbeat(request, HEARTBEAT_MS)
        return setInterval(() => queued.heartbeat(request, HEARTBEAT_MS), HEARTBEAT_MS)
      }
      let heartbeat = startHeartbeat()
      /** Stops the interval meanwhile, because each pause is a heartbeat itself. */
      const withoutHeartbeat = async <Result>(pausing: () => Promise<Result>): Promise<Result> => {
        clearInterval(heartbeat)
        try {
          return await pausing()
        } finally {
          heartbeat = startHeartbeat()
        }
      }
      return {
        waitUntilNear: async () => {
          if (queued.positionOf(request) >= NEAR) await withoutHeartbeat(() => waitUntilNear(request))
        },
        run: (work) => withoutHeartbeat(() => run(request, work)),
        leave() {
          clearInterval(heartbeat)
          queued.delete(request)
          queued.resumeAt(NEAR - 1)
        },
      }
    },
    noteShortRequest() {
      lastShortRequestMs = Date.now()
    },
  }
}
