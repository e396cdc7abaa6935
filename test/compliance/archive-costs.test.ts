import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { event, record } from '../support/audit-events.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { deliver } from '../support/service.ts'
import { expectTree, storedTiles, treeRow } from '../support/tree.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

let numbered = 0

/** Records events, and delivers them as one batch. */
async function archive(count: number, using: Env = env): Promise<void> {
  const events = Array.from({ length: count }, () => event(++numbered))
  await record(events)
  expect(await deliver(events, using)).toBe(true)
}

/** Counts what a batch of events costs. */
async function costOf(count: number) {
  const counted = faultyEnv(env, () => 'none')
  const [sign, verify, digest] = (['sign', 'verify', 'digest'] as const).map((name) => vi.spyOn(crypto.subtle, name))
  const hash = vi.spyOn(Object.getPrototypeOf(createHash('sha256')), 'digest')
  await archive(count, counted.env)
  const by = (spy: typeof sign, algorithm: string) =>
    spy?.mock.calls.filter(([used]) => JSON.stringify(used).includes(algorithm)).length
  const calls = (pattern: RegExp) => counted.calls.filter((name) => pattern.test(name)).length
  const cost = {
    classA: calls(/^(ARCHIVE|VAULT)\.(put|list|delete)$/),
    batches: calls(/^DB\.batch$/),
    signatures: { ecdsa: by(sign, 'ECDSA'), ed25519: by(sign, 'Ed25519') },
    verifications: by(verify, 'Ed25519'),
    digests: digest?.mock.calls.length ?? 0,
    hashes: hash.mock.calls.length,
  }
  vi.restoreAllMocks()
  return cost
}

describe('K14 what a batch of events costs', () => {
  test.each([1, 10, 100])('%i events: two writes to R2, and one to D1 beside that of the tree', async (count) => {
    await archive(1)
    const { hashes, digests, ...cost } = await costOf(count)
    expect(cost).toEqual({
      classA: 2,
      batches: 2,
      signatures: { ecdsa: 1, ed25519: 1 },
      verifications: 1,
    })
    // The thumbprints of the keys are among them.
    expect(digests).toBeLessThan(20)
    // A digest and a leaf for each event, the root once, and the few leaves before.
    expect(hashes).toBeGreaterThan(2 * count)
    expect(hashes).toBeLessThan(4 * count + 60)
  })

  test('in every 256 events, a tile and a bundle more', async () => {
    let classA = 0
    for (let batch = 1; batch <= 6; batch++) classA += (await costOf(100)).classA
    // 600 events and `log.started`. The first batch also has that segment, the key and the closing object.
    const before = 6
    expect(Object.keys(await storedTiles())).toHaveLength(4)
    expect(classA - before).toBeLessThanOrEqual(6 * (2 + (2 * 100) / 256))
    await expectTree(7)
  })

  test('the widest edge: hashes and bytes of a batch of 100 events', async () => {
    await archive(54)
    await archive(100)
    const { hashes, classA } = await costOf(100)
    const row = await treeRow()
    expect(classA).toBe(2)
    // The leaves and the root of the row that is read, two for each event, and the root of 255 leaves.
    expect(hashes).toBeGreaterThan(700)
    expect(hashes).toBeLessThan(900)
    expect((row?.edge.length ?? 0) + (row?.note.length ?? 0)).toBeLessThan(22_500)
  })
})
