import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { newPerson } from '../support/api.ts'
import { markErased, requestErasure } from '../support/erasures.ts'
import { giveReset, giveTwoStep } from '../support/factor-resets.ts'
import { withNoOps } from '../support/no-ops.ts'
import { type RouteName, routeNames } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { runCron } from '../support/service.ts'
import { change, prove, rowsOfEach } from '../support/stores.ts'
import { prepareTrial, send, variantNames } from '../support/trials.ts'

/** Rows by table, events by action and outcome, mails by template, and sessions with a tombstone. */
async function snapshot(): Promise<Record<string, number>> {
  const found = await rowsOfEach([
    ...schemaTables.map(({ name }) => `SELECT '${name}' AS what, count(*) AS n FROM ${name}`),
    // Whether a count starts or continues depends on earlier requests. That one more request was counted does
    // not.
    `SELECT 'attempts' AS what, sum(count) AS n FROM attempts
     UNION ALL SELECT 'imported_passwords', sum(credentials) FROM imported_passwords
     UNION ALL SELECT 'password_costs', sum(credentials) FROM password_costs
     UNION ALL SELECT 'passkey_counts', sum(passkeys) FROM passkey_counts`,
    "SELECT action || ' ' || outcome AS what, count(*) AS n FROM audit_events GROUP BY 1",
    "SELECT 'mail ' || template AS what, count(*) AS n FROM mail_jobs GROUP BY 1",
  ])
  const ended = (await env.SESSIONS.list({ prefix: 'revoked:' })).keys.length
  const all = [...found.flat(), { what: 'tombstones', n: ended }]
  return Object.fromEntries(all.map(({ what, n }) => [String(what), Number(n)]))
}

async function effectsOf(name: RouteName, using: Env) {
  const trial = await prepareTrial(name)
  const before = await snapshot()
  const { status } = await send(trial, using)
  const after = await snapshot()
  // Exporting users records one event for each existing user, and each run here adds users.
  const isPerPerson = (what: string) => name.endsWith('/user-export') && /^audit_events$|user_exported/.test(what)
  // One row for each domain: the first passkey of a run inserts it, and every later one changes it.
  const isCounter = (what: string) => what === 'passkey_counts'
  const changed = differences(before, after).filter(([what]) => !isPerPerson(what) && !isCounter(what))
  return { status, changed }
}

const differences = (before: Record<string, number>, after: Record<string, number>) =>
  Object.entries(after).flatMap(([what, n]) =>
    n === (before[what] ?? 0) ? [] : [[what, n - (before[what] ?? 0)] as const],
  )

/**
 * The daily jobs, with an account to purge, an account that a restore of the database brought back, an
 * expired suspension, a due reset of second factors, an export to build and one to delete, and expired rows.
 */
async function effectsOfJobs(using: Env) {
  await runCron()
  const { id } = await newPerson()
  const other = await newPerson()
  await requestErasure(id)
  await change('UPDATE sessions SET expires_at = 1, idle_expires_at = 1 WHERE user_id = ?', other.id)
  await change(
    "INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES (?, ?, 'ready', 1, 1)",
    ...[crypto.randomUUID(), other.id],
  )
  const [returned, suspended, asking] = [await newPerson(), await newPerson(), await newPerson()]
  await markErased(returned.id)
  await change("UPDATE users SET status = 'suspended', suspended_until = 1, is_verified = 1 WHERE id = ?", suspended.id)
  await change(
    "INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES (?, ?, 'pending', ?, ?)",
    ...[crypto.randomUUID(), asking.id, Date.now() - 600_000, Date.now() + 3_600_000],
  )
  const locked = await newPerson()
  await prove(locked)
  await giveTwoStep(locked)
  await giveReset(locked, { dueAt: 1 })
  const before = await snapshot()
  await runCron(using)
  // People whose purge is due come first, so the one who came back is purged by the next run.
  await runCron(using, '*/5 * * * *')
  return differences(before, await snapshot())
}

/** All routes except the callback of a provider, which refuses a browser that did not start the sign-in. */
const inApi = routeNames.filter((name) => name.includes(' /api/') && !name.endsWith('/callback'))

test.each([...inApi, ...variantNames])(
  'a statement without effect at any place of a batch has no effect: %s',
  async (name) => {
    const plain = await effectsOf(name, env)
    expect(plain.status).toBeLessThan(400)
    expect(await effectsOf(name, withNoOps())).toEqual(plain)
  },
)

test('nor does it in the batches of the daily jobs', async () => {
  const plain = await effectsOfJobs(env)
  const done = Object.fromEntries(plain)
  expect(done).toMatchObject({ 'user.erased success': 2, 'erasure.reopened success': 1, 'export.deleted success': 1 })
  expect(done).toMatchObject({
    'export.ready success': 1,
    'user.suspension_ended success': 1,
    'mail suspension-ended': 1,
  })
  expect(await effectsOfJobs(withNoOps())).toEqual(plain)
})
