import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { verifyErasureReceipt } from '../../src/cli/archive/erasure-receipt.ts'
import { readKeys } from '../../src/cli/archive/published-keys.ts'
import { endorseKeys } from '../../src/compliance/archive/checkpoint/endorse-keys.ts'
import { receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import { bodyOf, hashSegment } from '../../src/compliance/archive/format/segment.ts'
import { checkpointPath } from '../../src/compliance/archive/format/segment-number.ts'
import { readKeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import { signEndorsement } from '../../src/compliance/archive/keys/key-endorsement.ts'
import { MAX_ENDORSEMENTS } from '../../src/compliance/archive/keys/published-keys.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner, type ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { call, newPerson } from '../support/api.ts'
import { headSequence, pathOf, textAt } from '../support/archive.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { newAdmin } from '../support/operators.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, runCron, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const NOW = '2026-12-01T00:00:00.000Z'

// The insider of this file writes the archive bucket alone, and has no root key.

const attackerKey = async (): Promise<ReceiptSigner> =>
  createReceiptSigner(await deriveKeyRing([{ version: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }]))

beforeEach(() => {
  // Otherwise the published checkpoint stays the same for a minute.
  vi.spyOn(caches, 'open').mockRejectedValue(new Error('no cache'))
})

afterEach(() => {
  vi.restoreAllMocks()
})

const plantKey = ({ publicKey }: ReceiptSigner) =>
  env.ARCHIVE.put(receiptKeyPath(publicKey.kid), JSON.stringify(publicKey))

const published = async () => (await call('/.well-known/audit-checkpoint')).body

/** What `latchkey receipt verify --url` and `audit verify --url` take from the service. */
const publishedKeys = async () => {
  const findKey = readKeys(await published())
  if (findKey === undefined) throw new Error('the service publishes no keys')
  return findKey
}

const receiptAbout = (user_id: string) => ({
  user_id,
  basis: 'user_request',
  requested_at: '2026-11-01T00:00:00.000Z',
  started_at: '2026-12-01T00:00:00.000Z',
  completed_at: '2026-12-01T00:00:00.000Z',
  steps: {},
  archive: { sequence: 0, hash: '0'.repeat(64) },
})

test('a planted key does not make a forged receipt for an active account genuine', async () => {
  const person = await newPerson()
  const attacker = await attackerKey()
  await plantKey(attacker)
  const forged = await attacker.sign('latchkey-erasure+jws', receiptAbout(person.id))
  expect(await verifyErasureReceipt(forged, await publishedKeys())).toBe(
    `the key ${attacker.publicKey.kid}, which it names, is unknown here`,
  )
})

test('a planted key does not make a forged checkpoint genuine, and the service does not publish one', async () => {
  await newPerson()
  const attacker = await attackerKey()
  await plantKey(attacker)
  const squatted = { sequence: 1, hash: 'f'.repeat(64), event_count: 9, created_at: NOW }
  const forged = await attacker.sign('latchkey-checkpoint+jws', squatted)
  await env.ARCHIVE.put(checkpointPath(1), forged)
  expect(await deliver(await unarchivedEvents())).toBe(true)
  expect(await headSequence()).toBe(2)
  expect(await readKeptHead(forged, await publishedKeys())).toMatchObject({ isSigned: false })
  const { sequence, checkpoint } = await published()
  expect(sequence).toBe(2)
  expect(await readKeptHead(checkpoint, await publishedKeys())).toMatchObject({ isSigned: true })
})

test('K24 the operators’ check of the archive does not accept a history under a planted key', async () => {
  const admin = await newAdmin()
  for (const event of await unarchivedEvents()) await deliver([event])
  const attacker = await attackerKey()
  await plantKey(attacker)
  const path = await pathOf(1)
  const edited = (await textAt(path)).replace('success', 'failure')
  const started = { sequence: 1, at: NOW }
  const payload = { sequence: 1, hash: await hashSegment(edited), event_count: 1, created_at: NOW, started }
  const checkpoint = await attacker.sign('latchkey-checkpoint+jws', payload)
  await env.ARCHIVE.put(path, `${bodyOf(edited)}${JSON.stringify({ checkpoint })}\n`)
  const { body } = await call('/api/v1/admin/audit/verify?after=0&limit=1', { token: admin.accessToken })
  expect(body).toMatchObject({ ok: false, finding: { kind: 'forged-head' } })
})

describe('a key whose root key was removed', () => {
  const kids = async (using: Env = env) => {
    const { body } = await call('/.well-known/audit-checkpoint', { env: using })
    return (body.keys as { kid: string }[]).map(({ kid }) => kid)
  }
  const kidOf = async (...versions: number[]) => (await kids(envWithKeys(versions)))[0] ?? ''
  const minutely = (using: Env) => runCron(using, '*/5 * * * *')
  const distrusting = (versions: readonly number[], distrusted: string): Env =>
    ({ ...envWithKeys(versions), DISTRUSTED_ROOT_KEYS: distrusted }) as Env

  test('stays published if the cron ran while both were there, and is not published otherwise', async () => {
    const [first, second, third] = await Promise.all([kidOf(1), kidOf(2), kidOf(3)])
    expect(await kids(envWithKeys([2, 1]))).toEqual([second, first])
    expect(await kids(envWithKeys([2]))).toEqual([second])
    await minutely(envWithKeys([2, 1]))
    expect(await kids(envWithKeys([2]))).toEqual([second, first])
    // The next rotation: a chain of two endorsements.
    await minutely(envWithKeys([3, 2]))
    expect(await kids(envWithKeys([3]))).toEqual([third, second, first])
    const stored = await keysIn(env.ARCHIVE, 'key-endorsements/')
    await minutely(envWithKeys([3, 2]))
    expect(await keysIn(env.ARCHIVE, 'key-endorsements/')).toEqual(stored)
    expect(stored).toHaveLength(2)
  })

  test('is not published while its version is distrusted, nor what it alone endorsed, also without its root key', async () => {
    const [first, second, third] = await Promise.all([kidOf(1), kidOf(2), kidOf(3)])
    await minutely(envWithKeys([2, 1]))
    await minutely(envWithKeys([3, 2]))
    expect(await kids(envWithKeys([3]))).toEqual([third, second, first])
    expect(await kids(distrusting([3, 2], '2'))).toEqual([third])
    expect(await kids(distrusting([3], '2'))).toEqual([third])
    expect(await kids(distrusting([3, 2, 1], '2'))).toEqual([third, first])
    // The newest key then endorses the trusted one itself, and the distrusted one no more.
    await minutely(distrusting([3, 2, 1], '2'))
    expect(await kids(distrusting([3], '2'))).toEqual([third, first])
  })

  test('a distrusted version is not endorsed', async () => {
    await minutely(distrusting([2, 1], '1'))
    expect(await keysIn(env.ARCHIVE, 'key-endorsements/')).toEqual([])
  })

  test('a forged, altered or misplaced endorsement reaches no key', async () => {
    const attacker = await attackerKey()
    const own = await signEndorsement(attacker, { key: attacker.publicKey, version: 1 }, Date.now())
    await env.ARCHIVE.put(own.path, own.text)
    await minutely(envWithKeys([2, 1]))
    const [, first] = await kids(envWithKeys([2]))
    const [genuine = ''] = (await keysIn(env.ARCHIVE, 'key-endorsements/')).filter((path) => path !== own.path)
    const [header, , signature] = ((await (await env.ARCHIVE.get(genuine))?.text()) ?? '').split('.')
    const payload = btoa(JSON.stringify({ ...attacker.publicKey, version: 1 })).replaceAll('=', '')
    await env.ARCHIVE.put('key-endorsements/a.jws', `${header}.${payload}.${signature}`)
    await env.ARCHIVE.put('key-endorsements/b.jws', 'no endorsement')
    // A statement of another type by the service itself, with the members of an endorsement.
    const { kid, ...key } = attacker.publicKey
    const { receipts } = await jobContext(Date.now(), envWithKeys([2]))
    const typed = await receipts.sign('latchkey-erasure+jws', { kid, key, version: 1, endorsed_at: NOW })
    await env.ARCHIVE.put('key-endorsements/c.jws', typed)
    expect(await kids(envWithKeys([2]))).toEqual([await kidOf(2), first])
  })

  test.each(SIZES)('%i runs of the cron at once endorse it', async (runs) => {
    await Promise.all(
      Array.from({ length: runs }, async () => endorseKeys(await jobContext(Date.now(), envWithKeys([2, 1])))),
    )
    expect(await kids(envWithKeys([2]))).toEqual([await kidOf(2), await kidOf(1)])
  })

  test.each(['fail', 'lose-reply'] as const)('is endorsed by the next run when a call does: %s', async (fault) => {
    let wasCut = true
    for (let at = 0; wasCut; at++) {
      const faulty = faultyEnv(envWithKeys([2, 1]), killedAt(at, fault))
      const run = endorseKeys(await jobContext(Date.now(), faulty.env))
      wasCut = await run.then(
        () => false,
        () => true,
      )
      await endorseKeys(await jobContext(Date.now(), envWithKeys([2, 1])))
      expect(await kids(envWithKeys([2]))).toEqual([await kidOf(2), await kidOf(1)])
      for (const path of await keysIn(env.ARCHIVE, 'key-endorsements/')) await env.ARCHIVE.delete(path)
    }
  })

  test('objects that are planted beside the endorsements cost a bounded number of reads, and are reported', async () => {
    for (let n = 0; n < MAX_ENDORSEMENTS + 10; n++) await env.ARCHIVE.put(`key-endorsements/${100 + n}`, 'x')
    const counted = faultyEnv(envWithKeys([2, 1]), () => 'none')
    await kids(counted.env)
    expect(counted.calls.filter((name) => name === 'ARCHIVE.get').length).toBeLessThanOrEqual(MAX_ENDORSEMENTS + 1)
    await expect(endorseKeys(await jobContext(Date.now(), envWithKeys([2, 1])))).rejects.toThrow('too many')
  })

  test('with one root key the cron calls no store for it', async () => {
    const counted = faultyEnv(env, () => 'none')
    await endorseKeys(await jobContext(Date.now(), counted.env))
    expect(counted.calls).toEqual([])
  })
})
