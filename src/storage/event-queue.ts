import type { CountWaitingEvents, SendEvents } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 5000

/** The most messages that Queues accepts in one `sendBatch`. */
const MAX_MESSAGES = 100

/** Sends events to the queue whose consumer writes the archive. */
export function createSendEvents(queue: Queue): SendEvents {
  return async (events) => {
    for (let from = 0; from < events.length; from += MAX_MESSAGES) {
      const batch = events.slice(from, from + MAX_MESSAGES).map((body) => ({ body }))
      await withTimeLimit(queue.sendBatch(batch), LIMIT_MS)
    }
  }
}

/**
 * Counts the messages that the consumer has not acknowledged, those that wait to be retried included
 * (https://developers.cloudflare.com/queues/configuration/javascript-apis/). Counts none if the queue does
 * not answer: events that were lost must be sent again even then, and the consumer drops duplicates.
 */
export function createCountWaitingEvents(queue: Queue): CountWaitingEvents {
  return async () => {
    try {
      return (await withTimeLimit(queue.metrics(), LIMIT_MS)).backlogCount
    } catch {
      return 0
    }
  }
}

/** The most batches that one request sends. Cloudflare may abort a request 30 seconds after its answer. */
const MAX_BATCHES = 20

/**
 * Shares one sender among all requests of an isolate. While one request sends, the others add their events to
 * its list and end. The sender goes on until the list is empty, or for twenty batches.
 *
 * If its call fails or its request is aborted, the batch that it had taken is lost here, with the events of
 * other requests; the job `resendEvents` sends those again. The events that still wait are sent by the next
 * request. If `isSending` is still set because the sender was aborted, that is the request that fills a
 * batch.
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
