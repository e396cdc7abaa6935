import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { checkpointPath } from '../../src/compliance/archive/format/segment-number.ts'
import { readKeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import { createSegmentSource } from '../../src/compliance/archive/verify/archive-source.ts'
import { verifyChain } from '../../src/compliance/archive/verify/verify-chain.ts'
import { alarmNames, headSequence, textAt } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { writeOldChain } from '../support/old-archive.ts'
import { oldEvent } from '../support/old-worker.ts'
import { deliver } from '../support/service.ts'
import { change } from '../support/stores.ts'
import { deleteTiles, expectPrefixes, expectTree, linesUpTo, project, storedTiles, treeRow } from '../support/tree.ts'

const IS_DEEP = (env as Env & { FAULTS: string }).FAULTS === 'all'

/** More than one tile of events. The first has more segments than a slice of the cron. */
const [MANY, FEW] = [
  { segments: 21, events: 13 },
  { segments: 9, events: 29 },
]

async function startAfterOldChain({ segments: count, events } = MANY): Promise<void> {
  const startMs = Date.now() - 3_600_000
  const { receipts: signer } = await jobContext()
  const segments = Array.from({ length: count }, (_, s) =>
    Array.from({ length: events }, (_, e) => oldEvent(startMs + s * 100 + e)),
  )
  const head = await writeOldChain({ signer, segments, startMs, put: (path, text) => env.ARCHIVE.put(path, text) })
  await change('INSERT INTO archive_head VALUES (1, ?, ?, ?, 1)', head.sequence, head.hash, head.eventCount)
  await record([event(1)])
  expect(await deliver([event(1)])).toBe(true)
}

const expectWhole = async ({ segments: lastOld } = MANY) => expectTree(await headSequence(), { lastOld })

const bucket = {
  async *list(prefix: string) {
    for (const { key } of (await env.ARCHIVE.list({ prefix })).objects) yield key
  },
  read: async (path: string) => (await env.ARCHIVE.get(path))?.bytes(),
}

test('K16 an archive of format 1 is projected by the cron, and the consumer does not wait for it', async () => {
  await startAfterOldChain()
  const kept = await textAt(checkpointPath(5))
  expect(await treeRow()).toBeUndefined()
  await project()
  await expectWhole()
  await record([event(2)])
  await deliver([event(2)])
  await expectWhole()
  const { receipts } = await jobContext()
  const findKey = async (kid: string) => (kid === receipts.publicKey.kid ? receipts.publicKey : undefined)
  const walk = verifyChain(createSegmentSource(bucket, { findKey }), { kept: await readKeptHead(kept, findKey) })
  let step = await walk.next()
  while (!step.done) step = await walk.next()
  expect(step.value).toMatchObject({ ok: true, strays: { count: 0 } })
  expect(await alarmNames()).toEqual([])
})

test('K16 the projection is cut off, and goes on: the same tiles in the end, and every note is about one tree', async () => {
  const size = IS_DEEP ? MANY : FEW
  await startAfterOldChain(size)
  await project()
  await expectWhole(size)
  const whole = { row: await treeRow(), tiles: await storedTiles() }
  const notes: string[] = []
  for (let at = 0, isDone = false; !isDone; at += IS_DEEP ? 1 : 3) {
    for (const fault of faultsAt(at)) {
      await change('DELETE FROM log_tree')
      await deleteTiles()
      const cut = faultyEnv(env, killedAt(at, fault))
      await project(cut.env).catch(() => undefined)
      isDone = cut.calls.length <= at
      notes.push(...[(await treeRow())?.note].filter((note) => note !== undefined))
      await project()
      expect({ row: await treeRow(), tiles: await storedTiles() }).toEqual(whole)
    }
  }
  expect(new Set(notes).size).toBe(IS_DEEP ? 2 : 1)
  await expectPrefixes(notes, await linesUpTo(await headSequence(), size.segments))
})

test('K16 an old segment that no checkpoint has signed is not projected', async () => {
  await startAfterOldChain(FEW)
  const kept = await textAt(checkpointPath(8))
  await env.ARCHIVE.put(checkpointPath(8), await textAt(checkpointPath(7)))
  await project()
  expect((await treeRow())?.segment).toBe(7)
  await env.ARCHIVE.put(checkpointPath(8), kept)
  await project()
  await expectWhole(FEW)
})
