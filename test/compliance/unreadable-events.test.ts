import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { resendEvents } from '../../src/compliance/archive/log/resend-events.ts'
import { buildPendingExports } from '../../src/compliance/export/build-pending-exports.ts'
import { get, newPerson, type Person, post } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin } from '../support/operators.ts'

/** What somebody who can write the database puts into rows: each of these once made a page or a run fail. */
const malformed = [
  ['detail', `'not JSON'`],
  ['detail', `'[1]'`],
  ['detail', `x'ff'`],
  ['occurred_at', `'yesterday'`],
  ['occurred_at', '9e18'],
  ['occurred_at', '-9007199254740992'],
  ['outcome', `'perhaps'`],
  ['actor_type', `'ghost'`],
  ['actor_id', `x'ff'`],
  ['action', `x'ff'`],
  ['pii_enc', `'v1.garbage'`],
  ['pii_enc', `x'ff'`],
  ['request_id', `x'ff'`],
] as const

/** One row for each, about a person, newer than what the person did; never sent, and long ago. */
async function plant({ id }: Person): Promise<void> {
  for (const [index, [column, value]] of malformed.entries()) {
    const planted = `ffffffff-ffff-7000-8000-${String(index).padStart(12, '0')}`
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id)
         VALUES (?, 1, 'user.registered', 'success', 'user', ?, ?, 'planted')`,
      ).bind(planted, id, id),
      env.DB.prepare(`UPDATE audit_events SET ${column} = ${value} WHERE id = ?`).bind(planted),
    ])
  }
}

describe('rows of the audit trail that the service did not write', () => {
  let person: Person

  beforeEach(async () => {
    person = await newPerson()
    await plant(person)
  })

  it('do not keep a person from their activity, page by page', async () => {
    const seen: string[] = []
    let path: string | undefined = '/users/me/activity?limit=2'
    while (path !== undefined) {
      const page = await get(path, person.accessToken)
      expect(page.status).toBe(200)
      seen.push(...page.body.events.map(({ action }: { action: string }) => action))
      path = page.body.next_cursor === null ? undefined : `/users/me/activity?limit=2&cursor=${page.body.next_cursor}`
    }
    expect(seen).toContain('user.signed_in')
  })

  it('do not keep an export from being built', async () => {
    const { status, body } = await post('/users/me/export', {}, { token: person.accessToken })
    expect(status).toBe(202)
    await buildPendingExports(await jobContext(), 10)
    expect((await get(`/users/me/export/${body.id}`, person.accessToken)).body.status).toBe('ready')
  })

  it('do not keep operators from the trail, as a page or as CSV', async () => {
    const admin = await newAdmin()
    const page = await ask(admin, '/audit?limit=100')
    expect(page.status).toBe(200)
    expect(page.body.events.map(({ action }: { action: string }) => action)).toContain('user.signed_in')
    const about = await ask(admin, `/audit?subject=${person.id}&limit=100&reveal=true&reason=support_case`)
    expect(about.status).toBe(200)
    const csv = await ask(admin, '/audit?limit=100', { headers: { accept: 'text/csv' } })
    expect(csv.status).toBe(200)
  })

  it('do not keep the cron from sending the others', async () => {
    const context = await jobContext(Date.now() + 3_700_000)
    const sent: object[] = []
    await resendEvents({ ...context, sendEvents: async (events) => void sent.push(...events) }, 2000)
    expect(sent).toContainEqual(expect.objectContaining({ action: 'user.signed_in', subject_id: person.id }))
  })
})
