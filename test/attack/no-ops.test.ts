import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { withNoOps } from '../support/no-ops.ts'
import { type RouteName, routeNames } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { countOf, rows } from '../support/stores.ts'
import { prepareTrial, send } from '../support/trials.ts'

/** Rows by table, events by action and outcome, mails by template, and sessions that the edge knows to have ended. */
async function snapshot(): Promise<Record<string, number>> {
  const counts = await Promise.all(schemaTables.map(async ({ name }) => ({ what: name, n: await countOf(name) })))
  const events = await rows("SELECT action || ' ' || outcome AS what, count(*) AS n FROM audit_events GROUP BY 1")
  const mails = await rows("SELECT 'mail ' || template AS what, count(*) AS n FROM mail_jobs GROUP BY 1")
  const ended = (await env.SESSIONS.list({ prefix: 'revoked:' })).keys.length
  // Whether a count begins or goes on depends on who was here before; that one more was counted does not.
  const counted = await rows("SELECT 'attempts' AS what, sum(count) AS n FROM attempts")
  const all = [...counts, ...counted, ...events, ...mails, { what: 'tombstones', n: ended }]
  return Object.fromEntries(all.map(({ what, n }) => [String(what), Number(n)]))
}

async function effectsOf(name: RouteName, using: Env) {
  const trial = await prepareTrial(name)
  const before = await snapshot()
  const { status } = await send(trial, using)
  const after = await snapshot()
  // Exporting users records one event for each person that there is, and each run here makes more.
  const isPerPerson = (what: string) => name.endsWith('/user-export') && /^audit_events$|user_exported/.test(what)
  const changed = Object.entries(after)
    .filter(([what]) => !isPerPerson(what))
    .flatMap(([what, n]) => (n === (before[what] ?? 0) ? [] : [[what, n - (before[what] ?? 0)]]))
  return { status, changed: Object.fromEntries(changed) }
}

test.each(routeNames.filter((name) => !name.startsWith('GET')))(
  'a statement that changes nothing, anywhere in a batch, changes nothing: %s',
  async (name) => {
    const plain = await effectsOf(name, env)
    expect(plain.status).toBeLessThan(400)
    expect(await effectsOf(name, withNoOps())).toEqual(plain)
  },
)
