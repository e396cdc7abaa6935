import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type LineSource, toLines } from '../../src/compliance/archive/lines/to-lines.ts'
import { newUserId, type UserId } from '../../src/core/ids.ts'
import { pseudonymOf } from '../../src/crypto/pseudonym.ts'
import { event } from '../support/audit-events.ts'
import { type FaultPlan, faultyEnv } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'

afterEach(() => vi.restoreAllMocks())

const PSEUDONYM = expect.stringMatching(/^[\w-]{22}$/)

type Event = LineSource['event']

let count = 0

const source = (
  members: { readonly [Name in keyof Event]?: Event[Name] | string } = {},
  marks: Partial<LineSource> = {},
): LineSource => {
  const sent = { ...event(++count), ...members } as Event
  return { event: sent, fromDatabase: [], isUnsealed: false, ...marks }
}

/** An event of an operator about a person, with an id of every kind. */
const full = (subject: UserId, actor: UserId) =>
  source({
    actor_type: 'user',
    actor_id: actor,
    subject_id: subject,
    detail: JSON.stringify({
      session_id: 'the-session',
      operator_session_id: 'the-session',
      import_id: 'the-import',
      consent_id: 'the-consent',
      some_future_id: 'the-future',
      dropped_identities: [{ identity_id: 'the-identity', provider: 'acme' }],
      lines: 3,
      reason: null,
    }),
  })

/** Without a copy of the new key in KV, the calls of a test do not depend on when that copy arrives. */
const withoutKvCopies = faultyEnv(env, (call) => (call === 'KEY_CACHE.put' ? 'fail' : 'none')).env

async function newOwner(): Promise<UserId> {
  const id = newUserId()
  await (await jobContext(Date.now(), withoutKvCopies)).vault.create(id)
  return id
}

async function newCachedOwner(): Promise<UserId> {
  const id = await newOwner()
  await env.KEY_CACHE.put(`dek:${id}`, (await (await env.VAULT.get(`keys/${id}`))?.text()) ?? '')
  return id
}

/** The calls by name. Reading the body of an answer is no call to a store. */
const callsTo = ({ calls }: { readonly calls: readonly string[] }) => {
  const counts: Record<string, number> = {}
  for (const call of calls) if (!call.endsWith('.text')) counts[call] = (counts[call] ?? 0) + 1
  return counts
}

const newOwners = (n: number) => Promise.all(Array.from({ length: n }, newOwner))

/** The lines as an isolate without any cached key makes them. */
const coldEnv = (plan: FaultPlan = () => 'none') => faultyEnv({ ...env }, plan)

async function linesOf(sources: readonly LineSource[], using: Env = env) {
  const { lines, retry } = await toLines(await jobContext(Date.now(), using), sources)
  return { lines: lines.map((line) => ({ ...line, detail: line.detail && JSON.parse(line.detail) })), retry }
}

test('a line holds no id of a person, and the ids of one person compare with each other (K27)', async () => {
  const [subject, actor] = await Promise.all([newOwner(), newOwner()])
  const sources = [full(subject, actor), full(subject, subject), full(actor, actor)]
  const { lines, retry } = await linesOf(sources)
  expect(retry).toEqual([])
  const text = JSON.stringify(lines)
  for (const id of [subject, actor, ...sources.map(({ event: { request_id } }) => request_id)])
    expect(text).not.toContain(id)
  expect(text.match(/the-\w+/g)).toEqual(['the-import', 'the-import', 'the-import'])
  const [about, own, ofOperator] = lines
  expect(about).toMatchObject({
    subject_id: PSEUDONYM,
    actor_id: PSEUDONYM,
    nonce: PSEUDONYM,
    request_id: PSEUDONYM,
    detail: {
      session_id: PSEUDONYM,
      some_future_id: PSEUDONYM,
      dropped_identities: [{ identity_id: PSEUDONYM, provider: 'acme' }],
      lines: 3,
    },
  })
  expect(own?.subject_id).toBe(own?.actor_id)
  expect(own?.subject_id).toBe(about?.subject_id)
  expect(own?.detail.session_id).toBe(own?.detail.operator_session_id)
  expect(about?.detail.session_id).toBe(own?.detail.session_id)
  expect(about?.detail.operator_session_id).toBe(ofOperator?.detail.session_id)
  expect(about?.detail.operator_session_id).not.toBe(about?.detail.session_id)
})

test('the pseudonym of a person is what the vault’s key for it makes, in every batch (K27)', async () => {
  const id = await newOwner()
  const { vault } = await jobContext()
  const lookup = await vault.findDerived(id, 'pseudonym')
  if (lookup.kind !== 'found') throw new Error('no key')
  const [first, second] = [await linesOf([source({ subject_id: id })]), await linesOf([source({ subject_id: id })])]
  expect(first.lines[0]?.subject_id).toBe(pseudonymOf(lookup.key, 'user', id))
  expect(second.lines[0]?.subject_id).toBe(first.lines[0]?.subject_id)
})

test('events of one request about one person have equal hashes in one segment, and others in the next (K27)', async () => {
  const request_id = crypto.randomUUID()
  const about = { request_id, subject_id: await newOwner() }
  const sources = [source(about), source(about), source(), source({ request_id }), source({ ...about, actor_id: null })]
  const [first, second] = [(await linesOf(sources)).lines, (await linesOf(sources)).lines]
  const hashes = first.map((line) => line.request_id)
  expect([hashes[1], hashes[4]]).toEqual([hashes[0], hashes[0]])
  expect(new Set(hashes).size).toBe(3)
  expect(second[0]?.request_id).not.toBe(hashes[0])
  expect(new Set([...first, ...second].map(({ nonce }) => nonce)).size).toBe(10)
})

test('a person whose key is destroyed gets random values, equal within one event only (K27)', async () => {
  const id = await newOwner()
  const before = (await linesOf([full(id, id)])).lines[0]
  await (await jobContext()).vault.destroy([id])
  const [one, other] = (await linesOf([full(id, id), full(id, id)])).lines
  expect(one).toMatchObject({ subject_id: PSEUDONYM, detail: { session_id: PSEUDONYM } })
  expect(one?.subject_id).toBe(one?.actor_id)
  expect(new Set([before, one, other].map((line) => line?.subject_id)).size).toBe(3)
  expect(new Set([before, one, other].map((line) => line?.detail.session_id)).size).toBe(3)
})

test('an event is retried alone while the vault does not return its person’s key (K27)', async () => {
  const [held, free] = await Promise.all([newOwner(), newOwner()])
  const sources = [source({ subject_id: held }), source({ subject_id: free }), source({ actor_id: held }), source()]
  await env.VAULT.put(`keys/${held}`, 'garbage')
  const { lines, retry } = await linesOf(sources, coldEnv().env)
  expect(lines.map(({ id }) => id)).toEqual([sources[1]?.event.id, sources[3]?.event.id])
  expect(retry).toEqual([sources[0], sources[2]])

  const down = coldEnv((call) => (/^(KEY_CACHE|VAULT)/.test(call) ? 'fail' : 'none'))
  expect((await linesOf(sources, down.env)).retry).toEqual(sources.slice(0, 3))
})

test('a line has its members in one order, and the marks of its event', async () => {
  const marks = { fromDatabase: ['subject', 'outcome'], isUnsealed: true, isLate: true }
  const { lines } = await toLines(await jobContext(), [source(), source({ note_enc: 'v2.note' }, marks)])
  const names = 'id occurred_at action outcome actor_type actor_id subject_id request_id detail note_enc nonce'.split(
    ' ',
  )
  expect(lines.map((line) => Object.keys(line))).toEqual([names, [...names, 'from_database', 'unsealed', 'late']])
  expect(lines[1]).toMatchObject({
    note_enc: 'v2.note',
    from_database: ['subject', 'outcome'],
    unsealed: true,
    late: true,
  })
})

test.each(['', 'no JSON', '"text"', '[{"session_id":"the-session"}]'])(
  'a detail that is no JSON object (%j) does not enter the archive',
  async (detail) => {
    expect((await linesOf([source({ detail })])).lines[0]?.detail).toBeNull()
  },
)

test('an id that is no user’s, of an unsealed event, reads no key and does not enter the archive', async () => {
  const cold = coldEnv()
  const { lines } = await linesOf([source({ subject_id: 'system/2026-01', actor_id: '../erased/x' })], cold.env)
  expect(lines[0]).toMatchObject({ subject_id: PSEUDONYM, actor_id: PSEUDONYM })
  expect(cold.calls).toEqual([])
})

describe('the reads of keys for a batch', () => {
  test.each([1, 10, 100])('are bounded for %i events by as many operators about as many people', async (n) => {
    const owners = await newOwners(2 * n)
    const sources = owners.slice(0, n).map((subject, i) => full(subject, owners[n + i] ?? subject))
    const cold = coldEnv()
    await linesOf(sources, cold.env)
    // A Worker may make 1,000 calls. The other 600 are left for the segments and the database.
    expect(callsTo(cold)).toEqual({ 'KEY_CACHE.get': 2 * n, 'VAULT.get': 2 * n })
    await linesOf(sources, cold.env)
    expect(callsTo(cold)).toEqual({ 'KEY_CACHE.get': 2 * n, 'VAULT.get': 2 * n })
  })

  test('is one call a person while KV has the keys', async () => {
    const owners = await Promise.all(Array.from({ length: 5 }, newCachedOwner))
    const cold = coldEnv()
    await linesOf(
      owners.map((subject_id) => source({ subject_id, actor_id: subject_id })),
      cold.env,
    )
    expect(callsTo(cold)).toEqual({ 'KEY_CACHE.get': 5 })
  })

  test('runs at most six at a time, so that none waits for a connection while its time runs', async () => {
    const owners = await newOwners(20)
    const { vault } = await jobContext()
    let [open, most] = [0, 0]
    const counting = {
      ...vault,
      findDerived: async (...args: Parameters<typeof vault.findDerived>) => {
        most = Math.max(most, ++open)
        try {
          return await vault.findDerived(...args)
        } finally {
          open--
        }
      },
    }
    await toLines(
      { vault: counting },
      owners.map((subject_id) => source({ subject_id })),
    )
    expect(most).toBe(6)
  })
})
