import { AppError } from './errors.ts'
import { log } from './log.ts'

/** The place of one request in a line. */
export interface Place {
  /** Waits for its turn. Whoever has it does the work before the next `await`: until then nobody else can begin. */
  turn(): Promise<void>
  /** Leaves the line; those behind move on. */
  leave(): void
}

/** A line of bounded length in which the requests of one isolate wait for the processor, first come, first served. */
export interface WaitingLine {
  /** @throws AppError `unavailable` with `Retry-After` when the line is full */
  enter(): Place
}

/** About as long as a full line of the default length takes to work off. */
const RETRY_AFTER_SECONDS = 3
/** Before whoever comes next begins: short requests that arrived during the work get through a few of their waits. */
const BREATHER_MS = 1
/** A pause that ends so late was filled with the work of others, who go first; but not for ever. */
const LATE_MS = 3
const MOST_WAITS = 20
/** Less than a turn takes, so that nobody sleeps through his own; further back it is enough to look less often. */
const LOOK_MS = { perRank: 4, least: 2, most: 200 }
/** How often a request that waits for a store shows that it is still there. */
const BEAT_MS = 100
/**
 * Who is so late may have been cut off by its client: then nothing of it runs any more, no `finally`. It is taken for
 * dead when it stays away after that was noticed: if the machine stalls, everyone is late, and only late.
 */
const SUSPECT_AFTER_MS = 100
const DEAD_AFTER_MS = 50

interface Ticket {
  /** When it will show itself again. */
  dueAtMs: number
  suspectedAtMs: number | undefined
  /** Waiting for its turn, not for a store. */
  isReady: boolean
}

/**
 * Makes a line for work that holds the processor. Without it requests whose stores have answered would still form a
 * line, at the isolate's lock, without bound, and everyone who wants a moment of the processor would stand behind them.
 *
 * What is full is decided by counting: the clock of a Worker stands still while the processor works, and how long a
 * turn takes differs with the machine. Nobody awaits a promise of another request, which could hang for ever if that
 * request ends: each looks at the line by timers of its own.
 */
export function createWaitingLine(capacity: number): WaitingLine {
  const tickets = new Set<Ticket>()
  let turns = 0
  let isRefusing = false

  function show(ticket: Ticket, againInMs: number): void {
    ticket.dueAtMs = Date.now() + againInMs
    ticket.suspectedAtMs = undefined
    // If it was taken for dead after all, it starts again at the end.
    tickets.add(ticket)
  }

  function dropDead(): void {
    const nowMs = Date.now()
    for (const ticket of tickets) {
      if (nowMs - ticket.dueAtMs < SUSPECT_AFTER_MS) continue
      ticket.suspectedAtMs ??= nowMs
      if (nowMs - ticket.suspectedAtMs >= DEAD_AFTER_MS) tickets.delete(ticket)
    }
  }

  /** How many have their turn before this one, of those who are ready for it. */
  function rankOf(ticket: Ticket): number {
    dropDead()
    let rank = 0
    for (const other of tickets) {
      if (other === ticket) break
      if (other.isReady) rank++
    }
    return rank
  }

  async function turn(ticket: Ticket): Promise<void> {
    ticket.isReady = true
    let pauseMs = 0
    let waits = 0
    // Everyone pauses at least once, so that all who arrive together are in the line before the first of them begins,
    // and once more after another's turn, so that nobody's short request has to wait for two.
    for (;;) {
      const seenTurns = turns
      const startedAtMs = Date.now()
      show(ticket, pauseMs)
      await pause(pauseMs)
      const rank = rankOf(ticket)
      const isOthersBusy = tickets.size > 1 && Date.now() - startedAtMs - pauseMs > LATE_MS
      if (rank === 0 && seenTurns === turns && !(isOthersBusy && waits++ < MOST_WAITS)) break
      pauseMs = pauseFor(rank)
    }
    ticket.isReady = false
    turns++
  }

  function refuse(): never {
    // Once for each flood, not for each of its requests.
    if (!isRefusing) log('warn', 'waiting_line_full', { capacity })
    isRefusing = true
    throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  }

  return {
    enter() {
      dropDead()
      if (tickets.size >= capacity) refuse()
      if (tickets.size < capacity / 2) isRefusing = false
      const ticket: Ticket = { dueAtMs: 0, suspectedAtMs: undefined, isReady: false }
      const startBeat = () => {
        show(ticket, BEAT_MS)
        return setInterval(() => show(ticket, BEAT_MS), BEAT_MS)
      }
      let beat = startBeat()
      return {
        async turn() {
          clearInterval(beat)
          await turn(ticket)
          beat = startBeat()
        },
        leave() {
          clearInterval(beat)
          tickets.delete(ticket)
        },
      }
    },
  }
}

const pauseFor = (rank: number): number =>
  rank === 0 ? BREATHER_MS : Math.min(LOOK_MS.most, Math.max(LOOK_MS.least, rank * LOOK_MS.perRank))

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
