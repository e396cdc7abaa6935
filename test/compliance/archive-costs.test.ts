import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { event, record } from '../support/audit-events.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { deliver } from '../support/service.ts'

test('K14 a batch of events makes two writes to R2, and one to D1 beside that of the tree', async () => {
  await record([event(1)])
  await deliver([event(1)])
  const events = Array.from({ length: 100 }, (_, i) => event(i + 2))
  await record(events)
  const counted = faultyEnv(env, () => 'none')
  const [sign, digest] = [vi.spyOn(crypto.subtle, 'sign'), vi.spyOn(crypto.subtle, 'digest')]
  expect(await deliver(events, counted.env)).toBe(true)
  const signatures = sign.mock.calls.filter(([algorithm]) => JSON.stringify(algorithm).includes('ECDSA'))
  expect(signatures).toHaveLength(1)
  // The thumbprints of the keys are among them.
  expect(digest.mock.calls.length).toBeLessThan(20)
  vi.restoreAllMocks()
  const puts = counted.calls.filter((name) => /^(ARCHIVE|VAULT)\.(put|list|delete)$/.test(name))
  expect(puts).toEqual(['ARCHIVE.put', 'VAULT.put'])
  expect(counted.calls.filter((name) => name === 'DB.batch')).toHaveLength(2)
})
