import { AppError } from '../../core/errors.ts'
import { log } from '../../core/log.ts'
import type { Cooperative } from './cooperative.ts'
import { createQueuedRequests, newQueuedRequest, type QueuedRequest } from './queued-requests.ts'

/** The place of one request in a line. */
export interface Place {
  /**
   * Waits until fewer than eight are before it that have not worked. Whoever reads for its work reads after
   * this: a hundred that arrive together would otherwise all ask the stores at once, and what they read would
   * be old when their turn comes.
   */
  waitUntilNear(): Promise<void>
  /**
   * Does the work when its turn comes. Nobody else in the line works meanwhile, also not between two slices.
   */
  run<Result>(work: Cooperative<Result>): Promise<Result>
  /** Leaves the line; those behind move on. */
  leave(): void
}

/**
 * A line of bounded length in which the requests of one isolate wait for the processor, first come, first
 * served.
 */
export interface HashQueue {
  /** Takes no place. @throws AppError `unavailable` with `Retry-After` when the line is full */
  assertCapacity(): void
  /** @throws as `assertCapacity` */
  enter(): Place
  /**
   * Says that a request is here which needs the processor for a moment only: work pauses between its slices
   * for a while, so that such requests get in.
   */
  pass(): void
}

/** About as long as a full line of the default length takes to work off. */
const RETRY_AFTER_SECONDS = 3
/** So many are near their turn: enough that one of them is ready whenever the one before is done. */
const NEAR = 8
/**
 * Who waits is woken when its turn comes. It looks by itself as well, in case that whoever should wake it is
 * dead.
 */
const LOOK_MS = { perRank: 20, most: 500 }
/** How often a request that waits for a store shows that it is still there. */
const BEAT_MS = 100
/** Where nobody passed for so long, a pause between two slices would only make a hash take longer. */
const QUIET_AFTER_MS = 1000

/**
 * Makes a line for work that holds the processor. Without it requests whose stores have answered would still
 * form a line, at the isolate's lock, without bound, and everyone who wants a moment of the processor would
 * stand behind them.
 *
 * What is full is decided by counting: the clock of a Worker stands still while the processor works, and how
 * long a turn takes differs with the machine. Nobody awaits a promise of another request, which could hang
 * for ever if that request ends: each has timers of its own, and a promise of its own that others may resolve
 * sooner.
 */
export function createHashQueue(capacity: number): HashQueue {
  const queued = createQueuedRequests()
  /** How many have ended. */
  let turns = 0
  let passedAtMs = Number.NEGATIVE_INFINITY
  let isRefusing = false

  async function pause(request: QueuedRequest, ms: number): Promise<void> {
    queued.show(request, ms)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    request.wake = resolve
    await promise
    // Here and not where it is woken: a timer belongs to its request.
    clearTimeout(timer)
    request.wake = () => undefined
  }

  async function waitUntilNear(request: QueuedRequest): Promise<void> {
    for (let place = queued.placeOf(request); place >= NEAR; place = queued.placeOf(request))
      await pause(request, Math.min(LOOK_MS.most, (place - NEAR + 1) * LOOK_MS.perRank))
  }

  async function takeTurn(request: QueuedRequest): Promise<void> {
    request.state = 'ready'
    let rank = 0
    let seenTurns: number
    // Everyone pauses at least once, so that all who arrive together are in the line before the first of them
    // begins, and once more after another's turn, so that nobody's short request has to wait for two.
    do {
      seenTurns = turns
      await pause(request, Math.min(LOOK_MS.most, rank * LOOK_MS.perRank))
      rank = queued.rankOf(request)
    } while (rank > 0 || seenTurns !== turns)
    request.state = 'working'
  }

  async function run<Result>(request: QueuedRequest, work: Cooperative<Result>): Promise<Result> {
    try {
      for (;;) {
        // Not only at first: whoever was taken for dead during a pause has lost its turn.
        if (request.state !== 'working') await takeTurn(request)
        const slice = work.next()
        if (slice.done) return slice.value
        if (Date.now() - passedAtMs < QUIET_AFTER_MS) await pause(request, 0)
      }
    } finally {
      request.state = 'away'
      request.hasWorked = true
      turns++
      queued.wakeNext()
      queued.wakeAt(NEAR - 1)
    }
  }

  function refuse(): never {
    // Once for each flood, not for each of its requests.
    if (!isRefusing) log('warn', 'waiting_line_full', { capacity })
    isRefusing = true
    throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  function assertCapacity(): void {
    const waiting = queued.count()
    if (waiting >= capacity) refuse()
    if (waiting < capacity / 2) isRefusing = false
  }

  return {
    assertCapacity,
    enter() {
      assertCapacity()
      const request = newQueuedRequest()
      const startBeat = () => {
        queued.show(request, BEAT_MS)
        return setInterval(() => queued.show(request, BEAT_MS), BEAT_MS)
      }
      let beat = startBeat()
      /** Whoever pauses shows itself by its pauses. */
      const withoutBeat = async <Result>(pausing: () => Promise<Result>): Promise<Result> => {
        clearInterval(beat)
        try {
          return await pausing()
        } finally {
          beat = startBeat()
        }
      }
      return {
        waitUntilNear: async () => {
          if (queued.placeOf(request) >= NEAR) await withoutBeat(() => waitUntilNear(request))
        },
        run: (work) => withoutBeat(() => run(request, work)),
        leave() {
          clearInterval(beat)
          queued.delete(request)
          queued.wakeAt(NEAR - 1)
        },
      }
    },
    pass() {
      passedAtMs = Date.now()
    },
  }
}
