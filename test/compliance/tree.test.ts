import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { findLog } from '../../src/compliance/archive/log/open-log.ts'
import { growAfter } from '../../src/compliance/archive/tree/grow-after.ts'
import { projectArchive } from '../../src/compliance/archive/tree/project-archive.ts'
import { alarmNames, headSequence } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { deliver } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change } from '../support/stores.ts'
import { deleteTiles, expectTree, project, putTreeRow, storedTiles, treeRow } from '../support/tree.ts'

/** Records and delivers events in batches of these sizes. */
async function archiveBatches(sizes: readonly number[], after = 0): Promise<void> {
  let n = after
  for (const size of sizes) {
    const events = Array.from({ length: size }, () => event(++n))
    await record(events)
    expect(await deliver(events)).toBe(true)
  }
}

describe('K2 the tree follows from the segments', () => {
  test('the consumer, the cron and a rebuild from an empty row give the same tiles and root', async () => {
    await archiveBatches([1, 100, 2, 90, 61, 2, 100, 100, 70])
    const note = await expectTree(await headSequence())
    const byConsumer = { tiles: await storedTiles(), row: await treeRow() }
    await change('DELETE FROM log_tree')
    await deleteTiles()
    await project()
    expect(await expectTree(await headSequence())).toBe(note)
    expect({ tiles: await storedTiles(), row: await treeRow() }).toEqual(byConsumer)
    expect(await alarmNames()).toEqual([])
  })
})

test('K2 batches of any size, messages that arrive again, and segments that are adopted give the same tree', async () => {
  const sizes = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => 1 + (byte % 100))
  await archiveBatches(sizes)
  const again = Array.from({ length: 30 }, (_, i) => event(i + 1))
  expect(await deliver(again)).toBe(true)
  // Cut off between the segment and the database: the next run adopts the segment.
  const events = Array.from({ length: 40 }, (_, i) => event(1000 + i))
  await record(events)
  const cut = faultyEnv(env, (name) => (name === 'DB.batch' && cut.calls.includes('ARCHIVE.put') ? 'fail' : 'none'))
  expect(await deliver(events, cut.env)).toBe(false)
  const before = await headSequence()
  expect((await treeRow())?.segment).toBe(before)
  expect(await deliver([...events, ...again])).toBe(true)
  expect(await headSequence()).toBe(before + 1)
  const byConsumer = { note: await expectTree(before + 1), row: await treeRow(), tiles: await storedTiles() }
  await change('DELETE FROM log_tree')
  await deleteTiles()
  await project()
  expect({ note: byConsumer.note, row: await treeRow(), tiles: await storedTiles() }).toEqual(byConsumer)
})

describe('K4 no signed tree contradicts another', () => {
  test.each(SIZES)('K4 %i consumers at once make one tree', async (size) => {
    await archiveBatches([1, 200])
    const before = await treeRow()
    await archiveBatches([5, 100, 3], 1000)
    const after = await treeRow()
    await putTreeRow(before)
    await deleteTiles()
    const log = await findLog(await jobContext())
    const contexts = await Promise.all(Array.from({ length: size }, () => jobContext()))
    // Every second one is the cron.
    await Promise.all(contexts.map((ctx, n) => (n % 2 === 1 || !log ? projectArchive(ctx) : growAfter(ctx, log, []))))
    expect(await treeRow()).toEqual(after)
    await expectTree(await headSequence())
    expect(await alarmNames()).toEqual([])
  })
})
