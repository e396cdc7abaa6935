import { expect, test } from 'vitest'
import { removingJobs, retentionRules } from '../../src/compliance/retention.ts'
import { dailyJobs } from '../../src/jobs/daily-jobs.ts'

test('every job that the retention table names runs daily (D8)', () => {
  const names = dailyJobs.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining([...removingJobs]))
  const used = retentionRules.map(({ removedBy }) => removedBy)
  expect(removingJobs.filter((job) => !used.includes(job))).toEqual([])
})
