import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import { type Answer, type Call, get, type Person, post } from '../support/api.ts'
import { pathOf, textAt } from '../support/archive.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { writeOldChain } from '../support/old-archive.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { recordQueries } from '../support/query-plans.ts'
import { deliver, runCron, unarchivedEvents } from '../support/service.ts'
import { change, events, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const search = (operator: Person, query: Record<string, string> = {}, options: Call = {}) =>
  ask(operator, `/audit?${new URLSearchParams(query)}`, options)

/** Without the events of the operators' own searches, which every search adds. */
const changesIn = ({ body }: Answer): string[] =>
  body.events.flatMap(({ action }: { action: string }) => (action.startsWith('operator.') ? [] : [action]))

const passSecond = () => vi.setSystemTime(Date.now() + 1000)

describe('the audit trail', () => {
  test('U1 can be searched by subject, actor, action and time, newest first', async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newUser()]
    passSecond()
    const middle = new Date(Date.now()).toISOString()
    await act(admin, person, 'suspend')
    passSecond()
    await act(admin, person, 'reactivate')
    const find = async (query: Record<string, string>) => changesIn(await search(admin, query))
    const [subject, actor] = [person.id, admin.id]
    expect((await find({ subject })).slice(0, 2)).toEqual(['user.reactivated', 'user.suspended'])
    expect(await find({ actor })).toEqual(['user.reactivated', 'user.suspended', 'user.signed_in'])
    expect(await find({ actor, subject })).toEqual(['user.reactivated', 'user.suspended'])
    expect(await find({ actor, subject: actor })).toEqual(['user.signed_in'])
    expect(await find({ action: 'user.suspended' })).toEqual(['user.suspended'])
    expect(await find({ subject, occurred_after: middle })).toHaveLength(2)
    expect((await find({ subject, occurred_before: middle })).sort()).toEqual(['user.registered', 'user.signed_in'])
    expect(await find({ subject, action: 'user.suspended', actor, occurred_after: middle })).toHaveLength(1)
  })

  test('U1 shows each event on exactly one page, for every kind of search', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    for (let i = 0; i < 5; i++) await act(admin, person, i % 2 === 0 ? 'suspend' : 'reactivate')
    for (const query of [{}, { actor: admin.id }, { subject: person.id }]) {
      const known = (await search(admin, { ...query, limit: '500' })).body.events.map(({ id }: { id: string }) => id)
      const seen: string[] = []
      let cursor: string | null = known[0]
      while (cursor !== null) {
        const { body }: Answer = await search(admin, { ...query, limit: '2', cursor })
        seen.push(...body.events.map(({ id }: { id: string }) => id))
        cursor = body.next_cursor
      }
      expect(seen).toEqual(known.slice(1))
    }
  })

  test('U3 reports since when it is complete: older events may be only in the archive', async () => {
    const start = Date.parse('2026-11-24T12:00:00Z')
    const days = (count: number) => new Date(start - count * 86_400_000).toISOString()
    vi.setSystemTime(start)
    const admin = await newAdmin()
    const completeSince = async (using: Partial<Record<'AUDIT_HOT_DAYS', string>> = {}) => {
      vi.setSystemTime(start)
      return (await search(admin, {}, { env: { ...env, ...using } })).body.complete_since
    }
    const archive = (at: string) =>
      change(
        `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id, sent_at, archived_at)
         VALUES (?, ?, 'user.registered', 'success', 'anonymous', 'r', 1, ?)`,
        newTimeOrderedId(Date.parse(at)),
        Date.parse(at),
        Date.parse(at),
      )
    expect(await completeSince()).toBe(days(90))
    // Archived long ago, and due to be deleted by the next run.
    await archive(days(120))
    expect(await completeSince()).toBe(days(90))
    await archive(days(3))
    vi.setSystemTime(start)
    await runCron({ ...env, AUDIT_HOT_DAYS: '5' } as unknown as Env)
    expect(await rows('SELECT occurred_at FROM audit_events WHERE archived_at > 0')).toEqual([
      { occurred_at: Date.parse(days(3)) },
    ])
    // The setting is 90 again, but a run with 5 has deleted events.
    expect(await completeSince()).toBe(days(3))
    expect(await completeSince({ AUDIT_HOT_DAYS: '1' })).toBe(days(1))
    await change('DELETE FROM audit_events WHERE archived_at IS NOT NULL')
    await change('INSERT INTO log_head VALUES (1, ?, ?, 1)', 'checkpoint', Date.parse(days(2)))
    expect(await completeSince()).toBe(days(2))
  })

  test('U1 U3 reads an index in order for every kind of search, and for the time since which it is complete', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const { env: recording, plans } = recordQueries()
    const times = { occurred_after: '2026-01-01T00:00:00Z', occurred_before: '2099-01-01T00:00:00Z' }
    for (const query of [{}, { actor: admin.id }, { subject: person.id }, { action: 'user.signed_in' }, times])
      await search(admin, query, { env: recording })
    const steps = (await plans()).filter((line) => line.includes('audit_events'))
    expect(steps.filter((line) => !/^(SEARCH|SCAN) audit_events USING (COVERING )?INDEX /.test(line))).toEqual([])
  })

  test('U1 records who searched for whom', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await search(admin, { subject: person.id, action: 'user.suspended' })
    await search(admin, { subject: crypto.randomUUID() })
    expect(await events('operator.audit_searched')).toEqual([
      expect.objectContaining({ actor_id: admin.id, subject_id: person.id, outcome: 'success' }),
      expect.objectContaining({ subject_id: null }),
    ])
    const { body } = await get('/users/me/activity', person.accessToken)
    expect(body.events).toContainEqual(expect.objectContaining({ action: 'operator.audit_searched', by: 'operator' }))
    expect(JSON.stringify(body)).not.toContain('operator_session_id')
  })

  test('D1 shows devices and notes of one subject when a reason is given, and never of all subjects', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await post('/auth/login', { email: person.email, password: 'wrong' }, { headers: { 'user-agent': 'Thief/1' } })
    await act(admin, person, 'suspend', { note: 'Case 7, Ms Canary' })
    const plain = await search(admin, { subject: person.id })
    expect(JSON.stringify(plain.body)).not.toMatch(/Thief|Canary|203\.0\.113|pii_enc|v[12]\./)
    const { body } = await search(admin, { subject: person.id, reveal: 'true', reason: 'abuse' })
    expect(body.events).toContainEqual(
      expect.objectContaining({ action: 'user.sign_in_failed', user_agent: 'Thief/1', ip: '203.0.113.7' }),
    )
    expect(body.events).toContainEqual(expect.objectContaining({ action: 'user.suspended', note: 'Case 7, Ms Canary' }))
    expect((await events('operator.audit_searched')).map(({ detail }) => detail.revealed_for)).toContain('abuse')
    for (const query of [
      { reveal: 'true', reason: 'abuse' },
      { reveal: 'true', subject: person.id },
    ])
      expect((await search(admin, query)).status).toBe(422)
  })

  test('R6 shows them only within five minutes of a sign-in', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    vi.setSystemTime(Date.now() + 5 * 60_000 + 2000)
    const query = { subject: person.id, reveal: 'true', reason: 'abuse' }
    expect((await search(admin, query)).body.code).toBe('step_up_required')
    expect(await events('operator.audit_searched')).toEqual([])
  })

  test('is returned as CSV on request, without cells that a spreadsheet would execute', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const evil = '=HYPERLINK("https://evil.example","x")'
    await post('/auth/login', { email: person.email, password: 'wrong' }, { headers: { 'user-agent': evil } })
    const accept = { headers: { accept: 'text/csv' } }
    const query = { subject: person.id, reveal: 'true', reason: 'abuse', limit: '2' }
    const csv = await search(admin, query, accept)
    expect(csv.status).toBe(200)
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/)
    expect(csv.headers.get('vary')).toContain('Accept')
    expect(csv.headers.get('link')).toContain('rel="next"')
    const [header, ...lines] = String(csv.body).split('\r\n')
    expect(header).toMatch(/^"id","occurred_at","action",/)
    expect(lines).toHaveLength(3)
    expect(csv.body).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`)
    for (const accepted of ['application/json', '*/*', 'text/html', 'text/csv;q=0.1, application/json'])
      expect(typeof (await search(admin, {}, { headers: { accept: accepted } })).body).toBe('object')
  })

  test.each([
    'actor=me',
    'subject=1',
    'action=DROP',
    'action=user',
    'cursor=1',
    'limit=501',
    'occurred_after=1',
    'q=x',
  ])('A2 A6 refuses %s', async (query) => {
    expect((await ask(await newAdmin(), `/audit?${query}`)).body.code).toBe('validation_failed')
  })
})

/** Archives each event in a segment of its own. */
async function archive(count: number): Promise<void> {
  for (const event of (await unarchivedEvents()).slice(0, count)) await deliver([event])
}

const verify = (operator: Person, query = '', options: Call = {}) => ask(operator, `/audit/verify${query}`, options)

describe('verifying the archive', () => {
  test('U2 accepts an empty archive', async () => {
    const { body } = await verify(await newAdmin())
    expect(body).toMatchObject({ ok: true, from: 1, to: 0, events: 0, finding: null, next_after: null })
  })

  test('U2 checks the newest segments, or all of them page by page, and records the result', async () => {
    const admin = await newAdmin()
    await newUser()
    await archive(4)
    expect((await verify(admin, '?limit=3')).body).toEqual({
      ok: true,
      from: 3,
      to: 5,
      events: 3,
      finding: null,
      next_after: null,
      unsigned_tail: false,
      head: { sequence: 5, event_count: 5 },
    })
    const first = await verify(admin, '?after=0&limit=3')
    expect(first.body).toMatchObject({ ok: true, from: 1, to: 3, events: 3, next_after: 3 })
    const second = await verify(admin, `?after=${first.body.next_after}&limit=3`)
    expect(second.body).toMatchObject({ ok: true, from: 4, to: 5, events: 2, next_after: null })
    expect((await events('operator.audit_verified')).map(({ detail }) => [detail.from, detail.to])).toEqual([
      [3, 5],
      [1, 3],
      [4, 5],
    ])
  })

  const spoil = (change: (text: string) => string) => async () => {
    const path = await pathOf(2)
    await env.ARCHIVE.put(path, change(await textAt(path)))
  }

  const SPOILED: [string, string, () => Promise<unknown>][] = [
    ['an edited segment', 'edited', spoil((text) => text.replace('success', 'failure'))],
    ['a segment with a byte order mark, which decoding would hide', 'edited', spoil((text) => `\ufeff${text}`)],
    ['a missing segment', 'gap', async () => env.ARCHIVE.delete(await pathOf(2))],
    ['a cut end', 'gap', async () => env.ARCHIVE.delete(await pathOf(4))],
    ['a segment without its proof', 'forged-head', spoil((text) => `${text.split('\n').slice(0, -2).join('\n')}\n`)],
  ]

  test.each(SPOILED)('U2 finds %s: %s', async (_, kind, spoil) => {
    const admin = await newAdmin()
    await newUser()
    await archive(3)
    await spoil()
    const { status, body } = await verify(admin)
    expect([status, body.ok, body.finding?.kind, body.next_after]).toEqual([200, false, kind, null])
    expect(await events('operator.audit_verified')).toEqual([
      expect.objectContaining({ outcome: 'failure', detail: expect.objectContaining({ finding: kind }) }),
    ])
  })

  test('U2 does not start from an unsigned head', async () => {
    const admin = await newAdmin()
    await newUser()
    await archive(3)
    await env.ARCHIVE.put(await pathOf(1), 'forged')
    expect((await verify(admin, '?after=1')).body.finding.kind).toBe('forged-head')
  })

  test('U2 checks segments of format 1 as well, and the step to format 2', async () => {
    const admin = await newAdmin()
    await newUser()
    const { receipts: signer } = await jobContext()
    const events = [
      { ...unsealedOld, id: newTimeOrderedId(1) },
      { ...unsealedOld, id: newTimeOrderedId(2) },
    ]
    const put = (path: string, text: string) => env.ARCHIVE.put(path, text)
    const head = await writeOldChain({ signer, segments: events.map((one) => [one]), startMs: 1, put })
    await change('INSERT INTO archive_head VALUES (1, 2, ?, 2, 1)', head.hash)
    expect((await verify(admin)).body).toMatchObject({ ok: true, from: 1, to: 2, events: 2 })
    await archive(2)
    for (const after of [0, 1, 2, 3, 4]) {
      const { body } = await verify(admin, `?after=${after}&limit=5`)
      expect(body).toMatchObject({ ok: true, from: after + 1, to: 5, events: 5 - after })
    }
    await env.ARCHIVE.delete(oldSegmentPath(2))
    expect((await verify(admin, '?after=1&limit=2')).body.finding.kind).toBe('gap')
  })

  const unsealedOld: Omit<ArchivedEvent, 'id'> = {
    ...({ occurred_at: 1, action: 'user.registered', outcome: 'success', actor_type: 'anonymous' } as const),
    ...{ actor_id: null, subject_id: null, request_id: 'r', detail: null, pii_enc: null },
  }

  test('H6 reports an archive that does not answer as unavailable, not as broken', async () => {
    const admin = await newAdmin()
    await archive(1)
    const down = failing((name) => name.startsWith('ARCHIVE'), 'get: We encountered an internal error. (10001)')
    expect((await verify(admin, '', { env: down })).status).toBe(503)
  })
})
