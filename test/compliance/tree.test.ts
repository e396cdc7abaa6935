import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { projectArchive } from '../../src/compliance/archive/tree/project-archive.ts'
import { alarmNames, headSequence } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { jobContext } from '../support/job-context.ts'
import { deliver } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change } from '../support/stores.ts'
import { expectTree, storedTiles, treeRow } from '../support/tree.ts'

/** Records and delivers events in batches of these sizes. */
async function archiveBatches(sizes: readonly number[]): Promise<void> {
  let n = 0
  for (const size of sizes) {
    const events = Array.from({ length: size }, () => event(++n))
    await record(events)
    expect(await deliver(events)).toBe(true)
  }
}

const project = async (using: Env = env) => projectArchive(await jobContext(Date.now(), using))

describe('K2 the tree follows from the segments', () => {
  test('the consumer, the cron and a rebuild from an empty row give the same tiles and root', async () => {
    await archiveBatches([1, 100, 2, 90, 61, 2, 100, 100, 70])
    const note = await expectTree(await headSequence())
    const byConsumer = { tiles: await storedTiles(), row: await treeRow() }
    await change('DELETE FROM log_tree')
    for (const { key } of (await env.ARCHIVE.list({ prefix: 'log/' })).objects) await env.ARCHIVE.delete(key)
    await project()
    expect(await expectTree(await headSequence())).toBe(note)
    expect({ tiles: await storedTiles(), row: await treeRow() }).toEqual(byConsumer)
    expect(await alarmNames()).toEqual([])
  })
})

describe('K4 no signed tree contradicts another', () => {
  test.each(SIZES)('K4 %i consumers at once make one tree', async (size) => {
    await archiveBatches([1, 200])
    const batches = Array.from({ length: size }, (_, i) => [1, 2, 3, 4].map((n) => event(1000 + i * 10 + n)))
    await record(batches.flat())
    await Promise.all(batches.map((batch) => deliver(batch)))
    while (!(await Promise.all(batches.map((batch) => deliver(batch)))).every((one) => one));
    await project()
    await expectTree(await headSequence())
    expect(await alarmNames()).toEqual([])
  })
})
