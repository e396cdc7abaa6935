import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChainHead, GENESIS, hashText, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import { checkpointPath, oldSegmentPath as segmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { readKeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import { SeenIds } from '../../src/compliance/archive/verify/seen-ids.ts'
import type { SegmentSource } from '../../src/compliance/archive/verify/segment-source.ts'
import { verifyChain } from '../../src/compliance/archive/verify/verify-chain.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { formatOldSegment } from '../support/old-archive.ts'
import {
  archivedEvent,
  drop,
  eventId,
  headPayload,
  namesIn,
  newFolder,
  put,
  signerFrom,
  take,
  verdictOf,
  writeChain,
} from './archive-fixture.ts'

const SEGMENTS = 12

let original: string
let folder: string
let signer: ReceiptSigner
let attacker: ReceiptSigner
let head: ChainHead

beforeAll(async () => {
  original = newFolder()
  signer = await signerFrom('service')
  attacker = await signerFrom('attacker')
  head = await writeChain(original, { signer, segments: SEGMENTS })
})

beforeEach(() => {
  folder = newFolder()
  cpSync(original, folder, { recursive: true })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))
afterAll(() => rmSync(original, { recursive: true, force: true }))

const findingOf = async (...args: Parameters<typeof verdictOf>) => {
  const verdict = await verdictOf(...args)
  return verdict.ok ? undefined : verdict.finding
}

const edit = (path: string, change: (text: string) => string) => put(folder, path, change(take(folder, path)))

const kept = (jws: string, keys = [signer.publicKey]) =>
  readKeptHead(jws, async (kid) => keys.find((key) => key.kid === kid))

describe('an untouched archive', () => {
  it('is one chain, with its head, its counts and its key', async () => {
    expect(await verdictOf(folder)).toEqual({
      ...{
        ok: true,
        head,
        segments: SEGMENTS,
        events: 2 * SEGMENTS,
        keys: [signer.publicKey.kid],
        signedBy: signer.publicKey.kid,
        unsignedTail: false,
        createdAtMs: 0,
        vouched: new Set(),
        changes: { count: 0, shown: [] },
        distrusted: [],
        repeated: 0,
        strays: { count: 0, shown: [] },
      },
    })
  })

  it('may lack the checkpoint of its newest segment', async () => {
    drop(folder, checkpointPath(SEGMENTS))
    expect(await verdictOf(folder)).toMatchObject({ ok: true, unsignedTail: true, segments: SEGMENTS })
  })

  it('may have one segment, or none', async () => {
    for (let sequence = SEGMENTS; sequence >= 1; sequence--) {
      drop(folder, segmentPath(sequence))
      drop(folder, checkpointPath(sequence))
      expect(await verdictOf(folder)).toMatchObject({ ok: true, segments: sequence - 1 })
    }
  })

  it('may have been signed with several keys', async () => {
    const next = await signerFrom('next root key')
    put(folder, checkpointPath(SEGMENTS), await next.sign('latchkey-checkpoint+jws', headPayload(head)))
    put(folder, receiptKeyPath(next.publicKey.kid), JSON.stringify(next.publicKey))
    expect(await verdictOf(folder)).toMatchObject({ ok: true, keys: [signer.publicKey.kid, next.publicKey.kid] })
  })

  it('continues an earlier checkpoint', async () => {
    expect(await verdictOf(folder, await kept(take(original, checkpointPath(3))))).toMatchObject({ ok: true })
  })

  it('may grow while it is read', async () => {
    const longer = newFolder()
    await writeChain(longer, { signer, segments: SEGMENTS + 2 })
    const sequences = Array.from({ length: SEGMENTS + 2 }, (_, i) => i + 1)
    let listed = SEGMENTS
    const source: SegmentSource = {
      async *listCheckpoints() {
        yield* sequences.slice(0, listed).map(checkpointPath)
        listed++
      },
      async *listSegments() {
        yield* sequences.slice(0, listed).map(segmentPath)
      },
      findSegments: async () => [],
      read: async (path) => readFileSync(join(longer, path)),
      findKey: async () => signer.publicKey,
      isAnchored: async () => false,
    }
    const walk = verifyChain(source)
    let step = await walk.next()
    while (!step.done) step = await walk.next()
    expect(step.value).toMatchObject({ ok: true, segments: SEGMENTS + 1, unsignedTail: false })
    rmSync(longer, { recursive: true })
  })
})

describe('edited', () => {
  it('is a segment that differs from the signed one', async () => {
    edit(segmentPath(5), (text) => text.replace('"success"', '"failure"'))
    expect(await findingOf(folder)).toMatchObject({ kind: 'edited', sequence: 5 })
  })

  it('is a segment with an event removed and its count corrected', async () => {
    edit(segmentPath(5), (text) => `${text.replace('"count":2', '"count":1').split('\n').slice(0, 2).join('\n')}\n`)
    expect(await findingOf(folder)).toMatchObject({ kind: 'edited', sequence: 5 })
  })

  it('is one whose checkpoint was signed again, as the next header shows', async () => {
    edit(segmentPath(5), (text) => text.replace('"success"', '"failure"'))
    const forged = { sequence: 5, hash: await hashText(take(folder, segmentPath(5))), eventCount: 10 }
    put(folder, checkpointPath(5), await attacker.sign('latchkey-checkpoint+jws', headPayload(forged)))
    put(folder, receiptKeyPath(attacker.publicKey.kid), JSON.stringify(attacker.publicKey))
    expect(await findingOf(folder)).toMatchObject({ kind: 'edited', sequence: 5 })
  })

  it('is a byte that a lossy decoder would not see', async () => {
    const bytes = readFileSync(join(folder, segmentPath(5)))
    const at = bytes.indexOf(Buffer.from('\ufffd'))
    bytes[at] = 0xff
    put(folder, segmentPath(5), bytes)
    expect(await findingOf(folder)).toMatchObject({ kind: 'edited', sequence: 5 })
  })
})

describe('malformed', () => {
  it('is an unsigned segment that cannot be read', async () => {
    drop(folder, checkpointPath(SEGMENTS))
    edit(segmentPath(SEGMENTS), (text) => text.slice(0, -1))
    expect(await findingOf(folder)).toMatchObject({ kind: 'malformed', sequence: SEGMENTS })
  })

  it('is a signed one that this service would not write', async () => {
    edit(segmentPath(SEGMENTS), (text) => text.replace('latchkey-audit/1', 'latchkey-audit/9'))
    const hash = await hashText(take(folder, segmentPath(SEGMENTS)))
    put(folder, checkpointPath(SEGMENTS), await signer.sign('latchkey-checkpoint+jws', headPayload({ ...head, hash })))
    expect(await findingOf(folder)).toMatchObject({ kind: 'malformed', sequence: SEGMENTS })
  })

  it('is a first segment that names one before it', async () => {
    const text = formatOldSegment({ ...GENESIS, hash: 'a'.repeat(64) }, [archivedEvent(eventId(1, 0))], 0)
    const only = { sequence: 1, hash: await hashText(text), eventCount: 1 }
    put(folder, segmentPath(1), text)
    put(folder, checkpointPath(1), await signer.sign('latchkey-checkpoint+jws', headPayload(only)))
    expect(await findingOf(folder)).toMatchObject({ kind: 'malformed', sequence: 1 })
  })

  it.each(['audit/5.ndjson', 'audit/000000000000.ndjson', 'audit/note.txt', 'checkpoints/000000000005.jwt'])(
    'is not a file called %s, which is reported',
    async (path) => {
      put(folder, path, 'x')
      expect(await verdictOf(folder)).toMatchObject({ ok: true, strays: { count: 1, shown: [path] } })
    },
  )
})

describe('gap', () => {
  it.each([1, 5, SEGMENTS - 1])('is a missing segment %i', async (sequence) => {
    drop(folder, segmentPath(sequence))
    drop(folder, checkpointPath(sequence))
    expect(await findingOf(folder)).toMatchObject({ kind: 'gap', sequence })
  })
})

describe('reordered', () => {
  it('is two segments that changed places', async () => {
    const fifth = take(folder, segmentPath(5))
    put(folder, segmentPath(5), take(folder, segmentPath(6)))
    put(folder, segmentPath(6), fifth)
    expect(await findingOf(folder)).toMatchObject({ kind: 'reordered', sequence: 5 })
  })
})

describe('duplicate', () => {
  it('is a segment in the place of another', async () => {
    put(folder, segmentPath(6), take(folder, segmentPath(5)))
    expect(await findingOf(folder)).toMatchObject({ kind: 'duplicate', sequence: 6 })
  })

  it('is an event that was archived before', async () => {
    await writeChain(folder, { signer, segments: SEGMENTS, idOf: (seq, line) => eventId(seq === 9 ? 2 : seq, line) })
    const finding = await findingOf(folder)
    expect(finding).toMatchObject({ kind: 'duplicate', sequence: 9, message: expect.stringContaining(eventId(2, 0)) })
  })

  it('K38 is found at any distance, in bounded memory', async () => {
    const sparse = (seq: number, line: number) => eventId(seq === SEGMENTS ? 1 : seq, line)
    await writeChain(folder, { signer, segments: SEGMENTS, idOf: sparse })
    for (const idsAtOnce of [1, 2, 5, 100]) {
      const verdict = await verdictOf(folder, undefined, { idsAtOnce })
      expect(verdict).toMatchObject({ ok: false, finding: { kind: 'duplicate', sequence: SEGMENTS } })
    }
  })

  it('K38 every pass over the ids finds the repetitions among its share', () => {
    // An eighth of the ids never fits, whichever ids are drawn.
    const ids = Array.from({ length: 2000 }, () => crypto.randomUUID())
    const first = new SeenIds({ capacity: 100 })
    const repeated = new Set<string>()
    const scan = (seen: SeenIds) => {
      for (const id of [...ids, ...ids.toReversed()]) if (!seen.add(id)) repeated.add(id)
    }
    scan(first)
    expect(first.shares).toBeGreaterThan(8)
    for (let share = 1; share < first.shares; share++) scan(new SeenIds({ capacity: 100, share, shares: first.shares }))
    expect(repeated).toEqual(new Set(ids))
  })
})

describe('truncated', () => {
  it('is a checkpoint without its segment at the end', async () => {
    drop(folder, segmentPath(SEGMENTS))
    expect(await findingOf(folder)).toMatchObject({ kind: 'truncated', sequence: SEGMENTS })
  })

  it('is an end before an earlier checkpoint', async () => {
    drop(folder, segmentPath(SEGMENTS))
    drop(folder, checkpointPath(SEGMENTS))
    expect(await findingOf(folder)).toBeUndefined()
    const finding = await findingOf(folder, await kept(take(original, checkpointPath(SEGMENTS))))
    expect(finding).toMatchObject({ kind: 'truncated', sequence: SEGMENTS })
  })

  it('is an archive emptied altogether, for one who kept a checkpoint', async () => {
    for (const path of [...namesIn(folder, 'audit'), ...namesIn(folder, 'checkpoints')]) drop(folder, path)
    expect(await findingOf(folder, await kept(take(original, checkpointPath(1))))).toMatchObject({ kind: 'truncated' })
  })
})

describe('forged-head', () => {
  const forge = async (payload: object, by = signer, type: Parameters<ReceiptSigner['sign']>[0] = CHECKPOINT) =>
    put(folder, checkpointPath(SEGMENTS), await by.sign(type, payload))
  const CHECKPOINT = 'latchkey-checkpoint+jws'
  const expectForged = async () =>
    expect(await findingOf(folder)).toMatchObject({ kind: 'forged-head', sequence: SEGMENTS })

  it('is a checkpoint by a key that is not there', async () => {
    await forge(headPayload(head), attacker)
    await expectForged()
  })

  it('is one whose key was put in the place of another', async () => {
    const [protectedHeader] = take(folder, checkpointPath(SEGMENTS)).split('.')
    const [, payload, signature] = (await attacker.sign(CHECKPOINT, headPayload(head))).split('.')
    put(folder, checkpointPath(SEGMENTS), [protectedHeader, payload, signature].join('.'))
    put(
      folder,
      receiptKeyPath(signer.publicKey.kid),
      JSON.stringify({ ...attacker.publicKey, kid: signer.publicKey.kid }),
    )
    expect(await findingOf(folder)).toMatchObject({ kind: 'forged-head', sequence: 1 })
  })

  it('is a signature about something else', async () => {
    await forge(headPayload(head), signer, 'latchkey-erasure+jws')
    await expectForged()
  })

  it.each([
    ['another place', { sequence: 3 }],
    ['another count', { event_count: 3 }],
    ['no time', { created_at: 'yesterday' }],
    ['no hash', { hash: '' }],
  ])('is one with %s', async (_, change) => {
    await forge({ ...headPayload(head), ...change })
    await expectForged()
  })

  it('is a checkpoint whose signature is written another way', async () => {
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    edit(checkpointPath(SEGMENTS), (jws) => jws.slice(0, -1) + last[last.indexOf(jws.slice(-1)) + 1])
    await expectForged()
  })

  it('is not a key store that does not answer', async () => {
    const failing: SegmentSource = {
      async *listSegments() {
        yield segmentPath(1)
      },
      async *listCheckpoints() {},
      findSegments: async () => [],
      read: async (path) => readFileSync(join(folder, path)),
      isAnchored: async () => false,
      findKey: async () => Promise.reject(new Error('no answer')),
    }
    await expect(verifyChain(failing).next()).rejects.toThrow('no answer')
  })
})

describe('unsigned', () => {
  it.each([1, 5, SEGMENTS - 1])('is segment %i without its checkpoint', async (sequence) => {
    drop(folder, checkpointPath(sequence))
    expect(await findingOf(folder)).toMatchObject({ kind: 'unsigned', sequence })
  })
})

describe('rewritten', () => {
  beforeEach(async () => {
    rmSync(folder, { recursive: true })
    await writeChain(folder, { signer: attacker, segments: SEGMENTS, idOf: (seq, line) => eventId(seq + 100, line) })
  })

  it('is a whole chain made anew with another key, for one who kept a checkpoint', async () => {
    expect(await verdictOf(folder)).toMatchObject({ ok: true, keys: [attacker.publicKey.kid] })
    const earlier = take(original, checkpointPath(4))
    expect(await findingOf(folder, await kept(earlier))).toMatchObject({ kind: 'rewritten', sequence: 4 })
    expect(await findingOf(folder, await kept(earlier, []))).toMatchObject({ kind: 'rewritten', sequence: 4 })
  })

  it('is not reported for a kept checkpoint that fits but has an unknown signature', async () => {
    const unknown = await kept(take(original, checkpointPath(4)), [])
    expect(await findingOf(original, unknown)).toMatchObject({ kind: 'forged-head', sequence: 4 })
  })
})

it('U2 finds any change of one byte in a segment or checkpoint', { timeout: 120_000 }, async () => {
  const paths = [...namesIn(original, 'audit'), ...namesIn(original, 'checkpoints')].filter((path) =>
    /0[1-3]\./.test(path),
  )
  const short = newFolder()
  await writeChain(short, { signer, segments: 3, eventsEach: 1 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 1, max: 255 }), async (path, at, flip) => {
      const before = readFileSync(join(short, path))
      const after = Buffer.from(before)
      after[at % after.length] = (after[at % after.length] ?? 0) ^ flip
      put(short, path, after)
      const verdict = await verdictOf(short)
      put(short, path, before)
      expect(verdict.ok).toBe(false)
    }),
    { numRuns: 600 },
  )
  expect((await verdictOf(short)).ok).toBe(true)
  rmSync(short, { recursive: true })
})
