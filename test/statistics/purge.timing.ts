import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { log } from '../../src/core/log.ts'
import { sealErasures } from '../support/erasures.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { keysIn, rows, runCron } from '../support/service.ts'

const USERS = 100_000
const DUE = 1000

/**
 * The most calls that a Worker may make in one invocation on the paid plan, and the longest time of its cron.
 */
const MAX_CALLS = 1000
const MAX_MS = 15 * 60_000

async function populate(): Promise<void> {
  const id = `printf('00000000-0000-4000-8000-%012d', n)`
  const numbers = 'WITH RECURSIVE counter(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM counter WHERE n < ?)'
  for (let from = 1; from <= USERS; from += 10_000) {
    const range = [from, from + 9999]
    await env.DB.batch([
      env.DB.prepare(
        `${numbers} INSERT INTO users (id, email_index, email_domain_index, email_enc, status, created_at, purge_after)
         SELECT ${id}, '1.' || n, '1.d', 'v1.x.y', iif(n <= ${DUE}, 'deleted', 'active'), 1, iif(n <= ${DUE}, 2, NULL)
         FROM counter`,
      ).bind(...range),
      env.DB.prepare(`${numbers} INSERT INTO user_profiles (user_id, updated_at) SELECT ${id}, 1 FROM counter`).bind(
        ...range,
      ),
      env.DB.prepare(`${numbers} INSERT INTO credentials (user_id, changed_at) SELECT ${id}, 1 FROM counter`).bind(
        ...range,
      ),
      env.DB.prepare(
        `${numbers} INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, idle_expires_at,
           amr, auth_time, security_epoch) SELECT 's' || n, ${id}, 1, 1, 1, 9e15, 9e15, '[]', 1, 0 FROM counter`,
      ).bind(...range),
    ])
  }
  await env.DB.prepare(
    `INSERT INTO erasures (user_id, requested_at, due_at, basis)
     SELECT id, 1, 2, 'user_request' FROM users WHERE purge_after IS NOT NULL`,
  ).run()
  await sealErasures()
  const due = await rows<{ user_id: string }>('SELECT user_id FROM erasures')
  for (let from = 0; from < due.length; from += 100) {
    await Promise.all(due.slice(from, from + 100).map(({ user_id }) => env.VAULT.put(`keys/${user_id}`, 'wrapped')))
  }
}

test(`the ${DUE} due of ${USERS} users are erased within the limits of a Worker, and the progress is recorded`, async () => {
  await populate()
  const report: string[] = []
  for (let run = 1; (await rows('SELECT 1 FROM erasures WHERE completed_at IS NULL LIMIT 1')).length > 0; run++) {
    const counting = faultyEnv(env, () => 'none')
    const begun = performance.now()
    await runCron(counting.env, run === 1 ? '17 3 * * *' : '*/5 * * * *')
    const elapsedMs = Math.round(performance.now() - begun)
    const [progress] = await rows<{ counts: string }>("SELECT counts FROM job_runs WHERE job = 'purge'")
    report.push(`run ${run}: ${counting.calls.length} calls, ${elapsedMs} ms, so far ${progress?.counts}`)
    expect(counting.calls.length).toBeLessThanOrEqual(MAX_CALLS)
    expect(elapsedMs).toBeLessThan(MAX_MS)
  }
  log('info', 'purge_measured', { report })
  expect(await rows('SELECT count(*) AS n FROM users WHERE email_enc <> ?', '')).toEqual([{ n: USERS - DUE }])
  expect(await rows('SELECT count(*) AS n FROM sessions')).toEqual([{ n: USERS - DUE }])
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([])
})
