import type { SendEvents } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 5000

/** What one `sendBatch` takes. */
const MAX_MESSAGES = 100

/** The queue whose consumer writes the archive. */
export function createSendEvents(queue: Queue): SendEvents {
  return async (events) => {
    for (let from = 0; from < events.length; from += MAX_MESSAGES) {
      const batch = events.slice(from, from + MAX_MESSAGES).map((body) => ({ body }))
      await withTimeLimit(queue.sendBatch(batch), LIMIT_MS)
    }
  }
}

/** Of one sender, which may be cut off half a minute after its answer. */
const MAX_BATCHES = 20

/**
 * The same for all requests of an isolate together: while one of them sends, the others leave their events
 * with it and end; it goes on until none is left, or for twenty batches. If its call fails or it is cut off,
 * the events of others are lost to it as well: the next to come sends what is still waiting, at the latest
 * with a full batch while a sender seems to be at work, and what was taken along is sent again by
 * `resendEvents`.
 */
export function gatherEvents(send: SendEvents): SendEvents {
  let waiting: object[] = []
  let isSending = false
  return async (events) => {
    waiting.push(...events)
    if (isSending && waiting.length < MAX_MESSAGES) return
    isSending = true
    try {
      for (let sent = 0; sent < MAX_BATCHES && waiting.length > 0; sent++) {
        const batch = waiting
        waiting = []
        await send(batch)
      }
    } finally {
      isSending = false
    }
  }
}
