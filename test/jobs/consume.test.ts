import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import worker from '../../src/index.ts'
import { event } from '../support/audit-events.ts'
import { failing } from '../support/intercept-stores.ts'
import { newDelivery } from '../support/queue-delivery.ts'

const broken = failing((name) => /^(DB|ARCHIVE)/.test(name))

describe('a message that could not be processed', () => {
  test.each(['latchkey-audit', 'latchkey-mail', 'latchkey-audit-dead', 'latchkey-mail-dead'])(
    'K29 comes again after ten seconds, then after twice as long each time, up to 15 minutes: %s',
    async (queue) => {
      const messages = [1, 2, 3, 6, 7, 8, 100].map((attempts) => ({
        body: queue.endsWith('-mail') ? { id: crypto.randomUUID() } : event(attempts),
        attempts,
      }))
      const { batch, retried, acknowledged } = newDelivery(queue, messages)
      await worker.queue(batch, broken, createExecutionContext())
      expect(acknowledged()).toEqual([])
      expect(messages.map((message) => retried.get(message))).toEqual([10, 20, 40, 320, 640, 900, 900])
    },
  )
})
