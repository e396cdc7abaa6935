import type { SendEvents } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 5000

/** The queue whose consumer writes the archive. */
export function createSendEvents(queue: Queue): SendEvents {
  return async (events) => {
    if (events.length === 0) return
    await withTimeLimit(queue.sendBatch(events.map((body) => ({ body }))), LIMIT_MS)
  }
}
