import { expect, test } from 'vitest'
import { createServerTiming } from '../../src/core/server-timing.ts'

test('adds up the calls of each phase, lists phases in the order in which they first ended, then the total', () => {
  let now = 100
  const timer = createServerTiming(() => now)
  const stopDatabase = timer.start('db')
  const stopHash = timer.start('hash')
  now += 24.26
  stopHash()
  now += 1
  stopDatabase()
  const stopAgain = timer.start('db')
  now += 3
  stopAgain()
  timer.start('kv')
  now += 0.5
  expect(timer.header()).toBe('hash;dur=24.3, db;dur=28.3, total;dur=28.8')
})
