/** A message as a queue keeps it. */
export interface QueuedMessage {
  readonly body: unknown
  /** How often it was delivered, with this delivery. */
  readonly attempts: number
  readonly sentAtMs?: number
}

/**
 * A delivery that remembers what the consumer decided about each message. `getQueueResult` does not have the
 * delays of retries.
 */
export function newDelivery<M extends QueuedMessage>(queue: string, messages: readonly M[]) {
  const retried = new Map<M, number>()
  const acked = new Set<M>()
  let isAllAcked = false
  const batch = {
    queue,
    messages: messages.map((message) => ({
      id: crypto.randomUUID(),
      timestamp: new Date(message.sentAtMs ?? Date.now()),
      body: message.body,
      attempts: message.attempts,
      ack: () => void acked.add(message),
      retry: ({ delaySeconds = 0 } = {}) => void retried.set(message, delaySeconds),
    })),
    ackAll: () => {
      isAllAcked = true
    },
    retryAll: () => {
      throw new Error('every message has a delay of its own')
    },
  }
  return {
    batch: batch as unknown as MessageBatch,
    /** The delay of each message that comes again, in seconds. */
    retried,
    /** A message that is retried is not acknowledged with the batch. */
    acknowledged: (): M[] => messages.filter((message) => !retried.has(message) && (isAllAcked || acked.has(message))),
  }
}
