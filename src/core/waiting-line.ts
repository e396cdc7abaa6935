import { AppError } from './errors.ts'
import { log } from './log.ts'
import type { Sliced } from './sliced.ts'
import { createTickets, newTicket, type Ticket } from './tickets.ts'

/** The place of one request in a line. */
export interface Place {
  /** Waits until fewer than eight are before it that have not worked. Whoever reads for its work reads after this: a hundred that arrive
   * together would otherwise all ask the stores at once, and what they read would be old when their turn comes. */
  approach(): Promise<void>
  /** Does the work when its turn comes. Nobody else in the line works meanwhile, also not between two slices. */
  run<Result>(work: Sliced<Result>): Promise<Result>
  /** Leaves the line; those behind move on. */
  leave(): void
}

/** A line of bounded length in which the requests of one isolate wait for the processor, first come, first served. */
export interface WaitingLine {
  /** Takes no place. @throws AppError `unavailable` with `Retry-After` when the line is full */
  requireRoom(): void
  /** @throws as `requireRoom` */
  enter(): Place
  /** Says that a request is here which needs the processor for a moment only: work pauses between its slices for a
   * while, so that such requests get in. */
  pass(): void
}

/** About as long as a full line of the default length takes to work off. */
const RETRY_AFTER_SECONDS = 3
/** So many are near their turn: enough that one of them is ready whenever the one before is done. */
const NEAR = 8
/** Who waits is woken when its turn comes. It looks by itself as well, in case that whoever should wake it is dead. */
const LOOK_MS = { perRank: 20, most: 500 }
/** How often a request that waits for a store shows that it is still there. */
const BEAT_MS = 100
/** Where nobody passed for so long, a pause between two slices would only make a hash take longer. */
const QUIET_AFTER_MS = 1000

/**
 * Makes a line for work that holds the processor. Without it requests whose stores have answered would still form a
 * line, at the isolate's lock, without bound, and everyone who wants a moment of the processor would stand behind them.
 *
 * What is full is decided by counting: the clock of a Worker stands still while the processor works, and how long a
 * turn takes differs with the machine. Nobody awaits a promise of another request, which could hang for ever if that
 * request ends: each has timers of its own, and a promise of its own that others may resolve sooner.
 */
export function createWaitingLine(capacity: number): WaitingLine {
  const tickets = createTickets()
  /** How many have ended. */
  let turns = 0
  let passedAtMs = Number.NEGATIVE_INFINITY
  let isRefusing = false

  async function pause(ticket: Ticket, ms: number): Promise<void> {
    tickets.show(ticket, ms)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    ticket.wake = resolve
    await promise
    // Here and not where it is woken: a timer belongs to its request.
    clearTimeout(timer)
    ticket.wake = () => undefined
  }

  async function approach(ticket: Ticket): Promise<void> {
    for (let place = tickets.placeOf(ticket); place >= NEAR; place = tickets.placeOf(ticket))
      await pause(ticket, Math.min(LOOK_MS.most, (place - NEAR + 1) * LOOK_MS.perRank))
  }

  async function takeTurn(ticket: Ticket): Promise<void> {
    ticket.state = 'ready'
    let rank = 0
    let seenTurns: number
    // Everyone pauses at least once, so that all who arrive together are in the line before the first of them begins,
    // and once more after another's turn, so that nobody's short request has to wait for two.
    do {
      seenTurns = turns
      await pause(ticket, Math.min(LOOK_MS.most, rank * LOOK_MS.perRank))
      rank = tickets.rankOf(ticket)
    } while (rank > 0 || seenTurns !== turns)
    ticket.state = 'working'
  }

  async function run<Result>(ticket: Ticket, work: Sliced<Result>): Promise<Result> {
    try {
      for (;;) {
        // Not only at first: whoever was taken for dead during a pause has lost its turn.
        if (ticket.state !== 'working') await takeTurn(ticket)
        const slice = work.next()
        if (slice.done) return slice.value
        if (Date.now() - passedAtMs < QUIET_AFTER_MS) await pause(ticket, 0)
      }
    } finally {
      ticket.state = 'away'
      ticket.hasWorked = true
      turns++
      tickets.wakeNext()
      tickets.wakeAt(NEAR - 1)
    }
  }

  function refuse(): never {
    // Once for each flood, not for each of its requests.
    if (!isRefusing) log('warn', 'waiting_line_full', { capacity })
    isRefusing = true
    throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  function requireRoom(): void {
    const waiting = tickets.count()
    if (waiting >= capacity) refuse()
    if (waiting < capacity / 2) isRefusing = false
  }

  return {
    requireRoom,
    enter() {
      requireRoom()
      const ticket = newTicket()
      const startBeat = () => {
        tickets.show(ticket, BEAT_MS)
        return setInterval(() => tickets.show(ticket, BEAT_MS), BEAT_MS)
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
        approach: async () => {
          if (tickets.placeOf(ticket) >= NEAR) await withoutBeat(() => approach(ticket))
        },
        run: (work) => withoutBeat(() => run(ticket, work)),
        leave() {
          clearInterval(beat)
          tickets.delete(ticket)
          tickets.wakeAt(NEAR - 1)
        },
      }
    },
    pass() {
      passedAtMs = Date.now()
    },
  }
}
