import { expect, test } from 'vitest'
import { deleteExpiredRows } from '../../src/compliance/delete-expired-rows.ts'
import { together } from '../../src/core/for-all.ts'
import { jobContext } from '../support/job-context.ts'
import { recordQueries } from '../support/query-plans.ts'
import { change, countOf, rows } from '../support/stores.ts'

const NOW = Date.now()

const insertCounters = (count: number) =>
  change(
    `INSERT INTO attempts (key, window_start, ends_at, count)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     SELECT printf('1.%05d', i), 1, ?2 + CASE WHEN i % 2 THEN -1 ELSE 60000 END, 1 FROM n`,
    count,
    NOW,
  )

test('every counter is read once, page by page, and only the expired ones are deleted', async () => {
  await insertCounters(10_001)
  const ctx = await jobContext(NOW)
  const first = await deleteExpiredRows(ctx, undefined, together)
  expect(first).toMatchObject({ next: '1.05000', counts: { attempts: 2500 } })
  const second = await deleteExpiredRows(ctx, first.next, together)
  const third = await deleteExpiredRows(ctx, second.next, together)
  expect(third).toMatchObject({ next: '1.10001', counts: { attempts: 1 } })
  expect(await deleteExpiredRows(ctx, third.next, together)).toMatchObject({ next: 'done', counts: { attempts: 0 } })
  expect(await countOf('attempts')).toBe(5000)
  expect(await rows('SELECT 1 FROM attempts WHERE ends_at < ?', NOW)).toEqual([])
})

/** Few rows for any number of users: imports, runs of jobs, dead letters, and the mails of the last hour. */
const SMALL = ['imports', 'import_refusals', 'job_runs', 'dead_letters', 'mail_jobs']

test('a page searches an index of each table that grows with the users', async () => {
  const { env, plans } = recordQueries()
  await deleteExpiredRows(await jobContext(NOW, env), undefined, together)
  const scanned = (await plans()).filter((line) => /^SCAN \w+/.test(line) && !/^SCAN \(subquery/.test(line))
  expect(scanned.filter((line) => !SMALL.some((table) => line.startsWith(`SCAN ${table}`)))).toEqual([])
})
