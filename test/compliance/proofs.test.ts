import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { proveLine } from '../../src/compliance/archive/checkpoint/prove-line.ts'
import { deriveLogKeys, originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { formatProofFile, type ProofFile, parseProofFile } from '../../src/compliance/archive/proof/proof-file.ts'
import { type ProvenPlace, verifyLine } from '../../src/compliance/archive/proof/verify-line.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import { newTimeOrderedId, type UserId } from '../../src/core/ids.ts'
import { verifyReceipt } from '../../src/crypto/receipt-key.ts'
import type { Policy } from '../../src/tlog/policy.ts'
import { type Answer, call, get, type Person } from '../support/api.ts'
import { headSequence, pathOf, textAt } from '../support/archive.ts'
import { listenToConsole } from '../support/console.ts'
import { requestErasure } from '../support/erasures.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { bundleAll, DAY_MS, giveOldEvents } from '../support/old-events.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { witnessSigner } from '../support/proof-files.ts'
import { publishLog } from '../support/published-log.ts'
import { deliver, runCron, unarchivedEvents } from '../support/service.ts'
import { change, events, row } from '../support/stores.ts'

const HOUR_MS = 3_600_000
const FIVE_MINUTES = '*/5 * * * *'

beforeEach(() => {
  listenToConsole()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passMs = (ms: number) => vi.setSystemTime(Date.now() + ms)

const archiveAll = async () => deliver(await unarchivedEvents())

/** Makes a location forget what it keeps of the publication. */
const forget = () => passMs(61_000)

async function ownPolicy(): Promise<Policy> {
  const ctx = await jobContext()
  const { derived } = await deriveLogKeys(ctx, originOf(ctx.settings))
  return { logs: derived.map(({ key }) => ({ key, url: undefined })), witnesses: [], groups: [], quorum: 'none' }
}

/** Reads the file of an answer, and verifies it as its reader would. */
async function verified({ status, body }: Answer): Promise<ProofFile & { readonly place: ProvenPlace }> {
  expect({ status, body }).toMatchObject({ status: 200 })
  const file = parseProofFile(body) ?? expect.fail('not a proof file')
  const place = await verifyLine(file, await ownPolicy())
  if (typeof place === 'string') expect.fail(place)
  expect(place.state).toBe('anchored')
  return { ...file, place }
}

const proofOf = (operator: Person, { id }: { readonly id: string }) => ask(operator, `/erasures/${id}/proof`)

/** An erased person, whose events are archived. */
async function erase(person: Person): Promise<string> {
  await requestErasure(person.id)
  await runCron()
  return String((await row('SELECT receipt FROM erasures WHERE user_id = ?', person.id)).receipt)
}

describe('K9 the proof of an erasure', () => {
  test('is made once the published log has the event that names the receipt', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect(await proofOf(admin, person)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const receipt = await erase(person)
    const notYet = { status: 409, body: { code: 'proof_not_published' } }
    expect(await proofOf(admin, person)).toMatchObject(notYet)
    await archiveAll()
    expect(await proofOf(admin, person)).toMatchObject(notYet)
    await publishLog({ size: 1 })
    const answer = await proofOf(admin, person)
    expect(answer).toMatchObject(notYet)
    expect(Number(answer.headers.get('retry-after'))).toBe(300)
    await publishLog({ witnesses: [await witnessSigner('witness.example')] })
    forget()
    const file = await verified(await proofOf(admin, person))
    if (file.kind !== 'erasure') expect.fail()
    expect(file.receipt).toBe(receipt)
    expect(await verifyReceipt('latchkey-erasure+jws', receipt, async () => JSON.parse(file.receiptKey))).toMatchObject(
      {
        user_id: person.id,
      },
    )
    expect(JSON.parse(file.line)).toMatchObject({ action: 'user.erased', subject_id: null })
    expect(JSON.parse(JSON.parse(file.line).detail)).toEqual({ receipt: await digestOfReceipt(receipt) })
    expect(file.proof.checkpoint).toContain('witness.example')
    // A hash takes 45 bytes, and a log of a million lines has 20 of them in each proof.
    const hashes = file.proof.proof.length
    const { length } = formatProofFile(file)
    expect(length + (20 - hashes) * 45).toBeLessThan(3000)
  })

  test('is made years later, when the row of its event is gone', async () => {
    const person = await newUser()
    await erase(person)
    // The sweep waits for the event, which is not archived yet.
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    expect(await row('SELECT recorded_in FROM erasures')).toEqual({ recorded_in: null })
    expect((await row('SELECT sweep_at FROM erasures')).sweep_at).not.toBeNull()
    await archiveAll()
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    expect(await row('SELECT recorded_in, sweep_at FROM erasures')).toEqual({
      recorded_in: await headSequence(),
      sweep_at: null,
    })
    await change("DELETE FROM audit_events WHERE action = 'user.erased'")
    await publishLog()
    await verified(await proofOf(await newAdmin(), person))
  })

  test('of a second purge is that of the second receipt', async () => {
    const person = await newUser()
    const first = await erase(person)
    await archiveAll()
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    await change("UPDATE users SET email_enc = 'restored', status = 'active' WHERE id = ?", person.id)
    await runCron()
    await runCron(env, FIVE_MINUTES)
    expect((await row('SELECT receipt FROM erasures')).receipt).not.toBe(first)
    await archiveAll()
    await publishLog()
    const file = await verified(await proofOf(await newAdmin(), person))
    expect(file.kind === 'erasure' && file.receipt).not.toBe(first)
  })

  test('reads at most five objects of the archive, and is recorded as the receipt is', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await erase(person)
    await archiveAll()
    await publishLog()
    const { env: counting, calls } = countCalls()
    await verified(await ask(admin, `/erasures/${person.id}/proof`, { env: counting }))
    expect(calls.filter((name) => name.startsWith('ARCHIVE.get')).length).toBeLessThanOrEqual(5)
    const [viewed] = await events('operator.receipt_viewed')
    expect(viewed).toMatchObject({ outcome: 'success', subject_id: null })
  })

  test('cannot be changed by who writes one store', async () => {
    const [person, other] = [await newUser(), await newUser()]
    const receipt = await erase(person)
    const another = await erase(other)
    await archiveAll()
    await publishLog()
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    const admin = await newAdmin()
    const put = (value: unknown, column = 'recorded_in') =>
      change(`UPDATE erasures SET ${column} = ?2 WHERE user_id = ?1`, person.id, value)
    const { recorded_in: segment } = await row('SELECT recorded_in FROM erasures WHERE user_id = ?', person.id)
    for (const wrong of [1, 99, 0]) {
      await put(wrong)
      expect((await proofOf(admin, person)).status).toBe(404)
    }
    await put('a text')
    await verified(await proofOf(admin, person))
    await put(segment)
    await put(`${receipt}x`, 'receipt')
    expect((await proofOf(admin, person)).status).toBe(404)
    // A genuine receipt of another person, which the same segment names.
    await put(another, 'receipt')
    expect((await proofOf(admin, person)).status).toBe(404)
    await put(receipt, 'receipt')
    const path = await pathOf(Number(segment))
    const text = await textAt(path)
    await env.ARCHIVE.put(
      path,
      text.replace(/"nonce":"(?:_|(.))/, (_, other) => `"nonce":"${other ? '_' : 'A'}`),
    )
    expect((await proofOf(admin, person)).status).toBe(503)
    await env.ARCHIVE.put(path, text.replace(/"first":\d+/, '"first":1000000000'))
    expect((await proofOf(admin, person)).status).toBe(503)
    await env.ARCHIVE.put(path, '{}')
    expect((await proofOf(admin, person)).status).toBe(503)
  })
})

describe('K19 the proof of an own event', () => {
  const proofOfEvent = (person: Person, id: string, options = {}) =>
    get(`/users/me/activity/${id}/proof`, person.accessToken, options)

  const eventOf = async ({ id }: Person) =>
    String((await row("SELECT id FROM audit_events WHERE subject_id = ? AND action = 'user.signed_in'", id)).id)

  test('is that of the line in the archive', async () => {
    const person = await newUser()
    const id = await eventOf(person)
    expect(await proofOfEvent(person, id)).toMatchObject({ status: 409, body: { code: 'proof_not_published' } })
    await archiveAll()
    await publishLog()
    const answer = await proofOfEvent(person, id)
    const file = await verified(answer)
    expect(file.kind).toBe('event')
    expect(JSON.parse(file.line)).toMatchObject({ id, action: 'user.signed_in' })
    expect(answer.body).not.toContain(person.id)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}.latchkey-proof"`)
  })

  test('is made after the first publication, also where a location keeps that there was none', async () => {
    const person = await newUser()
    expect((await call('/.well-known/audit-checkpoint')).body.checkpoint).toBeNull()
    await archiveAll()
    await runCron(env, FIVE_MINUTES)
    passMs(5000)
    await verified(await proofOfEvent(person, await eventOf(person)))
  })

  test('is not given for events of others, which look like events that do not exist', async () => {
    const [person, other] = [await newUser(), await newUser()]
    const id = await eventOf(other)
    await archiveAll()
    await publishLog()
    const unknown = newTimeOrderedId(Date.now())
    const answers = await Promise.all([id, unknown, 'no-id'].map((one) => proofOfEvent(person, one)))
    for (const { status, body } of answers) {
      expect(status).toBe(404)
      expect({ ...body, instance: '', request_id: '' }).toEqual({
        ...answers[0]?.body,
        instance: '',
        request_id: '',
      })
    }
    expect((await get(`/users/me/activity/${id}/proof`)).status).toBe(401)
    await get('/auth/logout', undefined, { method: 'POST', body: { refresh_token: other.refreshToken } })
    expect((await proofOfEvent(other, id)).status).toBe(401)
  })

  test('is given for events that are in a bundle, if it keeps their segment', async () => {
    const [person, other] = [await newUser(), await newUser()]
    const own = await eventOf(person)
    await archiveAll()
    const segment = await headSequence()
    const [old = '', unplaced = ''] = await giveOldEvents(person, { count: 2, fromMs: Date.now() - 200 * DAY_MS })
    passMs(200 * DAY_MS)
    expect(await bundleAll()).toBeGreaterThan(2)
    vi.useRealTimers()
    await publishLog()
    expect(JSON.parse((await verified(await proofOfEvent(person, own))).line)).toMatchObject({ id: own })
    expect((await row('SELECT count(*) AS n FROM audit_events WHERE id = ?', own)).n).toBe(0)
    expect(segment).toBeGreaterThan(0)
    for (const id of [old, unplaced]) expect((await proofOfEvent(person, id)).status).toBe(404)
    expect((await proofOfEvent(other, own)).status).toBe(404)
  })
})

test('K8 proofs of the events of an erased person verify, and what they hold of the person is unreadable', async () => {
  const person = await newUser()
  await archiveAll()
  const segment = await headSequence()
  const before = await publishLog()
  const { id } = await row("SELECT id FROM audit_events WHERE subject_id = ? AND action = 'user.signed_in'", person.id)
  const held = (await get(`/users/me/activity/${id}/proof`, person.accessToken)).body
  await erase(person)
  await archiveAll()
  await publishLog()
  forget()
  const later =
    (await proveLine(await jobContext(), { segment, isWanted: (event) => event.id === id })) ?? expect.fail()
  const policy = await ownPolicy()
  const kept = parseProofFile(held) ?? expect.fail()
  expect(kept.proof.checkpoint).toBe(before)
  expect(await verifyLine(kept, policy)).toMatchObject({ state: 'anchored' })
  expect(await verifyLine(later, policy)).toMatchObject({ state: 'anchored' })
  expect(later.line).toBe(kept.line)
  expect(later.line).not.toContain(person.id)
  const { vault } = await jobContext()
  expect(await vault.findDerived(person.id as UserId, 'pseudonym')).toEqual({ kind: 'destroyed' })
})
