/**
 * Who is so late may have been cut off by its client: then nothing of it runs any more, no `finally`. It is taken for
 * dead when it stays away after that was noticed: if the machine stalls, everyone is late, and only late.
 */
const SUSPECT_AFTER_MS = 100
const DEAD_AFTER_MS = 50

/** A request in a line. */
export interface Ticket {
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

export const newTicket = (): Ticket => ({
  dueAtMs: 0,
  suspectedAtMs: undefined,
  state: 'away',
  hasWorked: false,
  wake: () => undefined,
})

/** Who is in a line, in the order in which they came, and who of them is dead. No promise and no timer. */
export function createTickets() {
  const tickets = new Set<Ticket>()

  function dropDead(): void {
    const nowMs = Date.now()
    for (const ticket of tickets) {
      if (nowMs - ticket.dueAtMs < SUSPECT_AFTER_MS) continue
      ticket.suspectedAtMs ??= nowMs
      if (nowMs - ticket.suspectedAtMs < DEAD_AFTER_MS) continue
      tickets.delete(ticket)
      // If it lives after all, it has lost its turn and asks for another.
      if (ticket.state === 'working') ticket.state = 'ready'
    }
  }

  return {
    count(): number {
      dropDead()
      return tickets.size
    },
    /** Says that a request lives, and when it will say so again. */
    show(ticket: Ticket, againInMs: number): void {
      ticket.dueAtMs = Date.now() + againInMs
      ticket.suspectedAtMs = undefined
      // If it was taken for dead after all, it starts again at the end.
      tickets.add(ticket)
    },
    delete: (ticket: Ticket): void => void tickets.delete(ticket),
    /** How many work before this one: those ready in front of it, and whoever has the turn, wherever it stands. */
    rankOf(ticket: Ticket): number {
      dropDead()
      let rank = 0
      let isBefore = true
      for (const other of tickets) {
        if (other === ticket) isBefore = false
        else if (other.state === 'working' || (isBefore && other.state === 'ready')) rank++
      }
      return rank
    },
    /** How many have come before this one and not worked yet. */
    placeOf(ticket: Ticket): number {
      dropDead()
      let place = 0
      for (const other of tickets) {
        if (other === ticket) break
        if (!other.hasWorked) place++
      }
      return place
    },
    wakeNext(): void {
      const next = [...tickets].find(({ state }) => state === 'ready')
      next?.wake()
    },
    /** Whoever has so many in front of it that have not worked yet. */
    wakeAt: (place: number): void => [...tickets].filter(({ hasWorked }) => !hasWorked)[place]?.wake(),
  }
}
