import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChainHead, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import type { SegmentHeader } from '../../src/compliance/archive/format/segment.ts'
import { formatSegment, parseSegment } from '../../src/compliance/archive/format/segment.ts'
import { checkpointPath, oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { readKeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import {
  drop,
  eventId,
  lineOf,
  newFolder,
  pathOf,
  put,
  signerFrom,
  take,
  verdictOf,
  writeChain,
  writeLog,
} from './archive-fixture.ts'

/** The archive has segments 1 to 3 of format 1, and then 4 to 12 of format 2. */
const OLD = 3
const NEW = 9
const LAST = OLD + NEW
const CLOSING = '{"format":"latchkey-audit/closed","continued_in":"latchkey-audit/2"}\n'

let original: string
let folder: string
let signer: ReceiptSigner
let attacker: ReceiptSigner
let oldHead: ChainHead
let head: ChainHead

beforeAll(async () => {
  original = newFolder()
  signer = await signerFrom('service')
  attacker = await signerFrom('attacker')
  oldHead = await writeChain(original, { signer, segments: OLD })
  put(original, oldSegmentPath(OLD + 1), CLOSING)
  head = await writeLog(original, { signer, segments: NEW, after: oldHead })
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
const proofOf = (text: string) => parseSegment(text)?.checkpoint ?? ''
const kept = (sequence: number) => readKeptHead(proofOf(take(original, pathOf(sequence))), async () => signer.publicKey)
const ofService = { findAnchor: async (kid: string) => (kid === signer.publicKey.kid ? signer.publicKey : undefined) }

describe('the format', () => {
  const text = () => take(original, pathOf(5))

  it('K38 has one reading: what a lenient parser would accept as well is refused', () => {
    expect(parseSegment(text())).toBeDefined()
    const spoiled: [string, string][] = [
      ['a duplicate member', text().replace('{"id":', '{"outcome":"failure","id":')],
      ['a duplicate member in the proof', text().replace('{"checkpoint":', '{"checkpoint":"x","checkpoint":')],
      ['white space', text().replace('"outcome":', '"outcome": ')],
      ['another order of members', text().replace(/("action":"[^"]*"),("outcome":"[^"]*")/, '$2,$1')],
      ['another way to write a number', text().replace('"count":2', '"count":2.0')],
      ['an escape', text().replace('user.signed_in', 'user.signed\\u005fin')],
      ['a member more', text().replace('"note_enc":null', '"note_enc":null,"x":1')],
      ['an empty line', `${text()}\n`],
      ['a carriage return', text().replace('\n', '\r\n')],
      ['no last line feed', text().slice(0, -1)],
      ['a byte order mark', `\ufeff${text()}`],
      [
        'lines in another order',
        text()
          .split('\n')
          .with(1, text().split('\n')[2] ?? '')
          .with(2, text().split('\n')[1] ?? '')
          .join('\n'),
      ],
    ]
    for (const [what, changed] of spoiled)
      expect([what, changed !== text(), parseSegment(changed)]).toEqual([what, true, undefined])
  })

  it('K38 any text that it reads is the text that it writes', () => {
    const member = fc.oneof(fc.string(), fc.constant(null))
    const line = fc.record({
      actor_id: member,
      subject_id: member,
      detail: member,
      note_enc: member,
      action: fc.string(),
    })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (changes) => {
        const lines = changes.map((change, i) => ({ ...lineOf(eventId(1, i)), ...change }))
        const header: SegmentHeader = {
          ...{ format: 'latchkey-audit/2', sequence: 1, previous: '0'.repeat(64), first: 0 },
          ...{ count: lines.length, created_at: 1, origin: 'https://id.example' },
        }
        const written = formatSegment({ header, lines, checkpoint: 'x.y.z' })
        expect(parseSegment(written)).toEqual({ header, lines, checkpoint: 'x.y.z' })
      }),
    )
  })
})

describe('an untouched archive of both formats', () => {
  it('K16 is one chain, in which checkpoints of format 1 still hold', async () => {
    expect(await verdictOf(folder)).toMatchObject({
      ...{ ok: true, head, segments: LAST, events: 2 * LAST, keys: [signer.publicKey.kid] },
      ...{ unsignedTail: false, repeated: 0, strays: { count: 0 } },
    })
    const old = await readKeptHead(take(original, checkpointPath(2)), async () => signer.publicKey)
    expect(await verdictOf(folder, old)).toMatchObject({ ok: true })
    expect(await verdictOf(folder, old, { onlyAfterKept: true })).toMatchObject({ ok: true, head })
  })

  it('K38 verification goes on from a kept position, and reads nothing before it', async () => {
    for (let sequence = 1; sequence <= 7; sequence++) {
      if (sequence <= OLD) drop(folder, oldSegmentPath(sequence))
      else drop(folder, pathOf(sequence))
    }
    expect(await verdictOf(folder, await kept(7), { onlyAfterKept: true })).toMatchObject({ ok: true, head })
    expect(await findingOf(folder, await kept(6), { onlyAfterKept: true })).toMatchObject({ kind: 'gap', sequence: 7 })
  })

  it('K24 that ends before the kept position is truncated, also if nothing before it is read', async () => {
    for (let sequence = LAST; sequence >= 7; sequence--) drop(folder, pathOf(sequence))
    const options = { onlyAfterKept: true }
    expect(await findingOf(folder, await kept(7), options)).toMatchObject({ kind: 'truncated', sequence: 7 })
    rmSync(join(folder, 'audit'), { recursive: true })
    expect(await findingOf(folder, await kept(7), options)).toMatchObject({ kind: 'truncated', sequence: 7 })
    put(folder, 'audit/000000000009-0000000000000000.ndjson', 'planted')
    expect(await findingOf(folder, await kept(7), options)).toMatchObject({ kind: 'truncated', sequence: 7 })
  })

  it('may end anywhere, and begin with format 2', async () => {
    for (let sequence = LAST; sequence > OLD; sequence--) {
      drop(folder, pathOf(sequence))
      expect(await verdictOf(folder)).toMatchObject({ ok: true, segments: sequence - 1 })
    }
    const fresh = newFolder()
    await writeLog(fresh, { signer, segments: 3 })
    expect(await verdictOf(fresh)).toMatchObject({ ok: true, segments: 3 })
    rmSync(fresh, { recursive: true })
  })
})

describe('tampering', () => {
  it.each([OLD + 1, 7, LAST - 1, LAST])('K7 finds an edited segment %i', async (sequence) => {
    edit(pathOf(sequence), (text) => text.replace('"success"', '"failure"'))
    expect(await findingOf(folder)).toMatchObject({ kind: 'edited', sequence })
  })

  it.each([OLD + 1, 7, LAST - 1])('K7 finds a dropped segment %i', async (sequence) => {
    drop(folder, pathOf(sequence))
    expect(await findingOf(folder)).toMatchObject({ kind: 'gap', sequence })
  })

  it('K7 finds swapped and repeated segments, and an end before a kept checkpoint', async () => {
    const [fifth, sixth] = [take(folder, pathOf(5)), take(folder, pathOf(6))]
    put(folder, pathOf(5), sixth)
    put(folder, pathOf(6), fifth)
    expect(await findingOf(folder)).toMatchObject({ kind: 'reordered', sequence: 5 })
    put(folder, pathOf(5), fifth)
    expect(await findingOf(folder)).toMatchObject({ kind: 'duplicate', sequence: 6 })
    put(folder, pathOf(6), sixth)
    drop(folder, pathOf(LAST))
    expect(await findingOf(folder)).toBeUndefined()
    expect(await findingOf(folder, await kept(LAST))).toMatchObject({ kind: 'truncated', sequence: LAST })
  })

  it('K7 finds a last segment of format 1 that is missing before format 2', async () => {
    drop(folder, oldSegmentPath(OLD))
    expect(await findingOf(folder)).toMatchObject({ kind: 'gap', sequence: OLD })
  })

  it.each([
    ['a wrong count of events before', { first: 1 }, 'malformed'],
    ['a time before that of the segment before', { created_at: 1 }, 'malformed'],
    ['another previous segment', { previous: 'a'.repeat(64) }, 'edited'],
  ])('K38 finds a signed segment with %s', async (_, change, kind) => {
    await writeLog(folder, { signer, segments: NEW, after: oldHead, headerOf: (n) => (n === 8 ? change : {}) })
    expect(await findingOf(folder)).toMatchObject({ kind })
  })

  it('K38 times of events may descend', async () => {
    const lineFor = (id: string) => ({ ...lineOf(id), occurred_at: 9_000_000 - Number(id.slice(9, 13)) })
    await writeLog(folder, { signer, segments: NEW, after: oldHead, lineFor })
    expect(await verdictOf(folder)).toMatchObject({ ok: true })
  })

  it('K38 finds a signed segment that another program wrote', async () => {
    const text = take(folder, pathOf(LAST)).replace('"outcome":', '"outcome": ')
    const { bodyOf, hashSegment } = await import('../../src/compliance/archive/format/segment.ts')
    const payload = JSON.parse(atob(proofOf(take(folder, pathOf(LAST))).split('.')[1] ?? ''))
    const checkpoint = await signer.sign('latchkey-checkpoint+jws', { ...payload, hash: await hashSegment(text) })
    put(folder, pathOf(LAST), `${bodyOf(text)}${JSON.stringify({ checkpoint })}\n`)
    expect(await findingOf(folder)).toMatchObject({ kind: 'malformed', sequence: LAST })
  })

  it('K7 finds any change of one byte in a segment', { timeout: 120_000 }, async () => {
    const short = newFolder()
    await writeLog(short, { signer, segments: 3, eventsEach: 1 })
    const paths = [1, 2, 3].map(pathOf)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, at, flip) => {
          const before = readFileSync(join(short, path))
          const after = Buffer.from(before)
          after[at % after.length] = (after[at % after.length] ?? 0) ^ flip
          put(short, path, after)
          const verdict = await verdictOf(short)
          put(short, path, before)
          expect(verdict.ok).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
    rmSync(short, { recursive: true })
  })
})

describe('events in two segments', () => {
  const twice = (seq: number, line: number) => eventId(seq === LAST ? OLD + 1 : seq, line)

  it('K38 counts them, at any distance, and takes the first', async () => {
    await writeLog(folder, { signer, segments: NEW, after: oldHead, idOf: twice })
    for (const idsAtOnce of [1, 3, 100]) {
      expect(await verdictOf(folder, undefined, { idsAtOnce })).toMatchObject({ ok: true, repeated: 2 })
    }
  })

  it('K38 counts one that format 1 has as well', async () => {
    const idOf = (seq: number, line: number) => eventId(seq === LAST ? 1 : seq, line)
    await writeLog(folder, { signer, segments: NEW, after: oldHead, idOf })
    expect(await verdictOf(folder)).toMatchObject({ ok: true, repeated: 2 })
  })

  it('K38 finds one whose contents differ', async () => {
    let seen = 0
    const lineFor = (id: string) =>
      ({ ...lineOf(id), outcome: id === eventId(OLD + 1, 0) && seen++ > 0 ? 'failure' : 'success' }) as const
    await writeLog(folder, { signer, segments: NEW, after: oldHead, idOf: twice, lineFor })
    expect(await findingOf(folder)).toMatchObject({ kind: 'repeated', sequence: LAST })
  })
})

describe('strays', () => {
  const stray = (sequence: number, digits = 'f'.repeat(16)) =>
    `audit/${String(sequence).padStart(12, '0')}-${digits}.ndjson`

  it('K23 are reported and in nobody’s way: garbage, copies, other names', async () => {
    for (const n of [2, 5, 9]) put(folder, stray(n), 'garbage')
    put(folder, stray(7), take(folder, pathOf(6)))
    put(folder, stray(LAST + 50), take(folder, pathOf(6)))
    put(folder, oldSegmentPath(8), 'planted')
    put(folder, checkpointPath(900), 'planted')
    const verdict = await verdictOf(folder)
    expect(verdict).toMatchObject({ ok: true, head, strays: { count: 5 } })
    expect(verdict.ok && verdict.strays.shown).toEqual(expect.arrayContaining([stray(5), stray(7)]))
  })

  it('K24 a segment under a planted key is a stray for an auditor with an anchor, and a fork without', async () => {
    const other = newFolder()
    await writeLog(other, {
      signer: attacker,
      segments: 1,
      after: { ...head, sequence: 7, hash: headerAt(8).previous, eventCount: 14 },
    })
    put(folder, stray(8), take(other, pathOf(8)))
    put(folder, receiptKeyPath(attacker.publicKey.kid), JSON.stringify(attacker.publicKey))
    expect(await verdictOf(folder, undefined, ofService)).toMatchObject({ ok: true, head, strays: { count: 1 } })
    expect(await findingOf(folder)).toMatchObject({ kind: 'forked', sequence: 8 })
    rmSync(other, { recursive: true })
  })

  const headerAt = (sequence: number) => {
    const header = parseSegment(take(original, pathOf(sequence)))?.header
    if (header === undefined) throw new Error('the fixture has no such segment')
    return header
  }
})
