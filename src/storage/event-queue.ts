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
