import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ChainHead, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import { parseSegment } from '../../src/compliance/archive/format/segment.ts'
import { checkpointPath, oldSegmentPath as segmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { type CommandRun, runLatchkey, runLatchkeyHere } from '../support/command-runs.ts'
import {
  drop,
  eventId,
  headPayload,
  lineOf,
  newFolder,
  pathOf,
  put,
  signerFrom,
  take,
  writeChain,
  writeLog,
} from './archive-fixture.ts'

const SEGMENTS = 5
const USER = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'

let work: string
let folder: string
let signer: ReceiptSigner
let attacker: ReceiptSigner
let head: ChainHead

beforeAll(async () => {
  work = newFolder()
  folder = join(work, 'archive')
  signer = await signerFrom('service')
  attacker = await signerFrom('attacker')
})

beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  head = await writeChain(folder, { signer, segments: SEGMENTS })
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

const answer = ({ status, ...output }: CommandRun) => ({ exitCode: status, ...output })

const auditVerify = async (args: readonly string[]) => answer(await runLatchkeyHere(['audit', 'verify', ...args]))

const receiptVerify = async (args: readonly string[]) => answer(await runLatchkeyHere(['receipt', 'verify', ...args]))

/** Verifies a receipt that a file holds. */
const verify = (receipt: string, args: readonly string[]) => receiptVerify([keep('receipt', receipt), ...args])

const keep = (name: string, content: string): string => {
  put(work, name, content)
  return join(work, name)
}

const published = (jws: string) => JSON.stringify({ ...headPayload(head), checkpoint: jws, keys: [signer.publicKey] })

const rewrite = () => {
  rmSync(folder, { recursive: true })
  return writeChain(folder, { signer: attacker, segments: SEGMENTS, idOf: (seq, line) => eventId(seq + 100, line) })
}

const trusted = () => ['--key', signer.publicKey.kid]

/** A service that publishes these keys. @returns its origin, and how to stop it */
async function publish(answer: () => string) {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/.well-known/audit-checkpoint' ? 200 : 404
    response.end(answer())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}

describe('audit verify', () => {
  it('answers 0 with the head, the key, its anchor, and what that does not prove', async () => {
    const { exitCode, stdout, stderr } = await auditVerify(['--dir', folder, ...trusted()])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(`OK: ${SEGMENTS} segments with ${2 * SEGMENTS} events`)
    expect(stdout).toContain(head.hash)
    expect(stdout).toContain(signer.publicKey.kid)
    expect(stdout).toContain('Anchored by the key that you named.')
    expect(stdout).toContain('This does not prove')
  })

  it('K24 answers 3 and not OK where all keys come from the archive', async () => {
    const { exitCode, stdout, stderr } = await auditVerify(['--dir', folder])
    expect(exitCode).toBe(3)
    expect(stdout).toMatch(/^NOT ANCHORED: /)
    expect(stdout).not.toMatch(/^OK/m)
    for (const option of ['--key', '--url', '--checkpoint']) expect(stdout).toContain(option)
    expect(answer(runLatchkey(['audit', 'verify', '--dir', folder]))).toEqual({ exitCode, stdout, stderr })
    const document = JSON.parse((await auditVerify(['--dir', folder, '--json'])).stdout)
    expect(document).toMatchObject({ ok: false, anchored: false, anchor: null, segments: SEGMENTS })
  })

  it('answers 3 for an empty archive, and for a newest segment that is not signed', async () => {
    drop(folder, checkpointPath(SEGMENTS))
    expect(await auditVerify(['--dir', folder, ...trusted()])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('not signed yet'),
    })
    rmSync(join(folder, 'audit'), { recursive: true })
    rmSync(join(folder, 'checkpoints'), { recursive: true })
    expect(await auditVerify(['--dir', folder, ...trusted()])).toMatchObject({ exitCode: 3 })
  })

  it('answers 4 when the archive, or the service with the keys, cannot be read', async () => {
    drop(folder, segmentPath(2))
    mkdirSync(join(folder, segmentPath(2)))
    const cut = await auditVerify(['--dir', folder, ...trusted()])
    expect(cut).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringContaining('Could not finish') })
    const { url, stop } = await publish(() => '')
    stop()
    expect(await auditVerify(['--dir', folder, '--url', url])).toMatchObject({ exitCode: 4, stdout: '' })
  })

  it('takes the keys of a running service, and holds the newest checkpoint to them', async () => {
    const { url, stop } = await publish(() => published('x'))
    expect(await auditVerify(['--dir', folder, '--url', url])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`Anchored by the keys that ${url} publishes.`),
    })
    await rewrite()
    expect(await auditVerify(['--dir', folder, '--url', url])).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('FAILED (forged-head)'),
    })
    stop()
  })

  it('covers segments under an older key by the newer signature after them', async () => {
    const next = await signerFrom('next root key')
    put(folder, receiptKeyPath(next.publicKey.kid), JSON.stringify(next.publicKey))
    put(folder, checkpointPath(SEGMENTS), await next.sign('latchkey-checkpoint+jws', headPayload(head)))
    expect(await auditVerify(['--dir', folder, '--key', next.publicKey.kid])).toMatchObject({ exitCode: 0 })
    const old = keep('old', take(folder, checkpointPath(3)))
    expect(await auditVerify(['--dir', folder, '--checkpoint', old])).toMatchObject({
      exitCode: 3,
      stdout: expect.stringContaining('Up to segment 3'),
    })
    const file = keep('next.json', JSON.stringify(next.publicKey))
    expect(await auditVerify(['--dir', folder, '--checkpoint', old, '--key', file])).toMatchObject({
      exitCode: 0,
    })
    expect(await auditVerify(['--dir', folder, ...trusted()])).toMatchObject({ exitCode: 1 })
  })

  it('answers with one document for programs', async () => {
    const sound = await auditVerify(['--dir', folder, '--json', ...trusted()])
    expect({ ...sound, stdout: JSON.parse(sound.stdout) }).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: {
        ok: true,
        anchored: true,
        anchor: 'the key that you named',
        segments: SEGMENTS,
        events: 2 * SEGMENTS,
        unsigned_tail: false,
        continues_segment: null,
        head: { sequence: SEGMENTS, hash: head.hash },
        keys: [signer.publicKey.kid],
        key_changes: [],
        distrusted: [],
        repeated: 0,
        strays: 0,
        log: { size: 2 * SEGMENTS, tiles: 0, unwritten: 0, strays: 0, checkpoint: null, cosigned_by: [] },
      },
    })
    drop(folder, segmentPath(2))
    const broken = await auditVerify(['--dir', folder, '--json'])
    expect({ ...broken, stdout: JSON.parse(broken.stdout) }).toEqual({
      exitCode: 1,
      stderr: '',
      stdout: { ok: false, finding: expect.objectContaining({ kind: 'gap', message: expect.any(String) }) },
    })
  })

  it.each([
    ['edited', () => put(folder, segmentPath(2), take(folder, segmentPath(2)).replace('success', 'failure'))],
    ['gap', () => drop(folder, segmentPath(2))],
    ['duplicate', () => put(folder, segmentPath(3), take(folder, segmentPath(2)))],
    ['reordered', () => put(folder, segmentPath(2), take(folder, segmentPath(3)).replace('"count":2', '"count": 2'))],
    ['truncated', () => drop(folder, segmentPath(SEGMENTS))],
    ['forged-head', () => put(folder, checkpointPath(2), take(folder, checkpointPath(3)))],
    ['unsigned', () => drop(folder, checkpointPath(2))],
  ])('answers 1 and names an archive that is %s', async (kind, spoil) => {
    spoil()
    const { exitCode, stdout } = await auditVerify(['--dir', folder])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining(`FAILED (${kind})`) })
  })

  it.each(['a bare JWS', 'the published JSON'])('holds the archive against an earlier checkpoint: %s', async (form) => {
    const jws = take(folder, checkpointPath(3))
    const file = keep('kept', form === 'a bare JWS' ? `${jws}\n` : published(jws))
    expect(await auditVerify(['--dir', folder, '--checkpoint', file])).toMatchObject({ exitCode: 0 })
    await rewrite()
    expect(await auditVerify(['--dir', folder])).toMatchObject({ exitCode: 3 })
    const { exitCode, stdout } = await auditVerify(['--dir', folder, '--checkpoint', file])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('FAILED (rewritten)') })
  })

  it('trusts only the keys of --trust', async () => {
    const trust = ['--dir', folder, '--trust', signer.publicKey.kid]
    expect(await auditVerify(trust)).toMatchObject({ exitCode: 0 })
    await rewrite()
    const { exitCode, stdout } = await auditVerify(trust)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('FAILED (forged-head)') })
  })

  it('answers 2 for wrong usage, an empty folder included', async () => {
    const cases = [
      ['--nope'],
      ['stray'],
      ['--dir', work],
      ['--dir', folder, '--remote'],
      ['--dir', folder, '--checkpoint', 'no'],
    ]
    for (const args of cases) expect(await auditVerify(args)).toMatchObject({ exitCode: 2 })
    expect(await auditVerify(['--dir', folder, '--checkpoint', keep('junk', 'x')])).toMatchObject({
      exitCode: 2,
    })
  })
})

describe('audit verify on segments that carry their own checkpoint', () => {
  const checkpointOf = (sequence: number) => parseSegment(take(folder, pathOf(sequence)))?.checkpoint ?? ''

  beforeEach(async () => {
    rmSync(folder, { recursive: true })
    const oldHead = await writeChain(folder, { signer, segments: 2 })
    head = await writeLog(folder, { signer, segments: 3, after: oldHead })
  })

  it('K16 answers 0 for both formats together, and for each receipt that names a segment of them', async () => {
    expect(await auditVerify(['--dir', folder, ...trusted()])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('OK: 5 segments with 10 events'),
    })
    const named = keep(
      'receipt',
      await signer.sign('latchkey-erasure+jws', {
        ...{ user_id: USER, basis: 'user_request', requested_at: null, started_at: null, completed_at: null },
        ...{ steps: {}, archive: { sequence: head.sequence, hash: head.hash } },
      }),
    )
    expect(await receiptVerify([named, '--dir', folder, ...trusted()])).toMatchObject({ exitCode: 0 })
    put(folder, pathOf(head.sequence), take(folder, pathOf(head.sequence)).replace('success', 'failure'))
    expect(await receiptVerify([named, '--dir', folder, ...trusted()])).toMatchObject({ exitCode: 1 })
  })

  it('K38 goes on from a kept checkpoint, of which it says so', async () => {
    const file = keep('kept', checkpointOf(4))
    for (const path of [segmentPath(1), segmentPath(2), pathOf(3), pathOf(4)]) drop(folder, path)
    expect(await auditVerify(['--dir', folder, '--checkpoint', file, '--only-after'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Only what follows segment 4 was read.'),
    })
    expect(await auditVerify(['--dir', folder, '--checkpoint', file])).toMatchObject({ exitCode: 1 })
    expect(await auditVerify(['--dir', folder, '--only-after'])).toMatchObject({ exitCode: 2 })
  })

  it('K38 answers 5 when the newest segment is older than the auditor accepts', async () => {
    expect(await auditVerify(['--dir', folder, ...trusted(), '--max-age', '1'])).toMatchObject({ exitCode: 5 })
    expect(await auditVerify(['--dir', folder, ...trusted(), '--max-age', '1e6'])).toMatchObject({
      exitCode: 0,
    })
    expect(await auditVerify(['--dir', folder, '--max-age', 'x'])).toMatchObject({ exitCode: 2 })
  })

  it('K23 names objects that are no part of the chain, and answers 0', async () => {
    put(folder, 'audit/000000000004-0000000000000000.ndjson', 'planted')
    const { exitCode, stdout } = await auditVerify(['--dir', folder, ...trusted()])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Strays: 1 objects') })
  })
})

describe('receipt verify', () => {
  const receipt = (change: object = {}, by = signer) =>
    by.sign('latchkey-erasure+jws', {
      user_id: USER,
      basis: 'user_request',
      requested_at: '2026-11-01T00:00:00.000Z',
      started_at: '2026-12-01T03:17:00.000Z',
      completed_at: '2026-12-01T03:17:04.000Z',
      steps: [{ step: 'key_destroyed', at: '2026-12-01T03:17:01.000Z', count: 1 }],
      archive: { sequence: 4, hash: 'f'.repeat(64) },
      ...change,
    })
  const atHead = () => ({ archive: { sequence: head.sequence, hash: head.hash } })

  it('answers 0 with a summary, from a file and from standard input', async () => {
    const jws = await receipt(atHead())
    const args = ['--dir', folder, ...trusted()]
    const fromInput = runLatchkey(['receipt', 'verify', '-', ...args], {}, `${jws}\n`)
    for (const { exitCode, stdout } of [await verify(jws, args), answer(fromInput)]) {
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`OK: the data of user ${USER} was erased`)
      expect(stdout).toContain('step key_destroyed, at 2026-12-01T03:17:01.000Z, count 1')
      expect(stdout).toContain('The archive has that segment')
      expect(stdout).toContain(signer.publicKey.kid)
      expect(stdout).toContain('Anchored by the key that you named.')
    }
  })

  it('K24 answers 3 and not OK where the key comes from the archive, which a forger may have written', async () => {
    put(folder, receiptKeyPath(attacker.publicKey.kid), JSON.stringify(attacker.publicKey))
    for (const by of [signer, attacker]) {
      const { exitCode, stdout } = await verify(await receipt(atHead(), by), ['--dir', folder])
      expect({ exitCode, stdout }).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^NOT ANCHORED: /) })
      expect(stdout).not.toMatch(/^OK/m)
    }
    const forged = await receipt(atHead(), attacker)
    expect(await verify(forged, ['--dir', folder, ...trusted()])).toMatchObject({ exitCode: 1 })
  })

  it('takes a kept checkpoint for the key that signed it', async () => {
    const file = keep('kept.jws', take(folder, checkpointPath(3)))
    const args = ['--dir', folder, '--key', file]
    expect(await verify(await receipt(atHead()), args)).toMatchObject({ exitCode: 0 })
    expect(await verify(await receipt(atHead(), attacker), args)).toMatchObject({ exitCode: 1 })
  })

  it('answers with one document for programs', async () => {
    const genuine = await verify(await receipt(atHead()), ['--dir', folder, '--json', ...trusted()])
    expect({ ...genuine, stdout: JSON.parse(genuine.stdout) }).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: {
        ok: true,
        anchored: true,
        anchor: 'the key that you named',
        in_archive: true,
        segment: head.sequence,
        kid: signer.publicKey.kid,
        receipt: expect.objectContaining({ user_id: USER, basis: 'user_request' }),
      },
    })
    const forged = await verify('hello', ['--dir', folder, '--json'])
    expect({ ...forged, stdout: JSON.parse(forged.stdout) }).toEqual({
      exitCode: 1,
      stderr: '',
      stdout: { ok: false, message: 'this is not a signed receipt' },
    })
  })

  it('reports when the archive has another segment at that position', async () => {
    const { exitCode, stdout } = await verify(await receipt(), ['--dir', folder])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no segment 4') })
  })

  it('K9 looks for the event that names a receipt, in the segments that are signed', async () => {
    const days = {
      requested_at: '2026-11-01',
      started_at: '2026-12-01',
      completed_at: '2026-12-01',
      archive: undefined,
    }
    const jws = await receipt(days)
    const args = ['--dir', folder, ...trusted()]
    const missing = await verify(jws, args)
    expect(missing).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no signed segment') })

    const naming = (digest: string) => (id: string) => ({
      ...lineOf(id),
      action: 'user.erased',
      subject_id: null,
      detail: JSON.stringify({ receipt: digest }),
    })
    const log = { signer, segments: 1, after: head, lineFor: naming(await digestOfReceipt(jws)) }
    await writeLog(folder, { ...log, signer: attacker })
    expect(await verify(jws, args)).toMatchObject({ exitCode: 1 })
    await writeLog(folder, log)
    expect(await verify(jws, args)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('has the event that names this receipt'),
    })
    // The same erasure, signed once more: the trail names the other one.
    expect(await verify(await receipt(days), args)).toMatchObject({ exitCode: 1 })
  })

  it('takes the key from a file, and then the archive only if one is named', async () => {
    const key = keep('key.json', JSON.stringify(signer.publicKey))
    const alone = await verify(await receipt(), ['--key', key])
    expect(alone).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No archive was at hand') })
    const both = await verify(await receipt(), ['--key', key, '--dir', folder])
    expect(both).toMatchObject({ exitCode: 1 })
  })

  it('takes the key from a running service', async () => {
    const { url, stop } = await publish(() => published('x'))
    expect(await verify(await receipt(), ['--url', url])).toMatchObject({ exitCode: 0 })
    expect(await verify(await receipt({}, attacker), ['--url', url])).toMatchObject({ exitCode: 1 })
    stop()
    expect(await verify(await receipt(), ['--url', url])).toMatchObject({ exitCode: 4 })
    const plain = await verify(await receipt(), ['--url', 'http://id.example'])
    expect(plain).toMatchObject({ exitCode: 2 })
  })

  it.each([
    ['by another key', () => receipt(atHead(), attacker)],
    ['of another kind', () => signer.sign('latchkey-checkpoint+jws', headPayload(head))],
    ['about nothing', () => receipt({ user_id: undefined })],
    [
      'with a changed letter',
      async () => (await receipt(atHead())).replace(/\.(.)/, (_, c) => `.${c === 'e' ? 'f' : 'e'}`),
    ],
    ['that is none', () => 'hello'],
  ])('answers 1 for a receipt %s', async (_, make) => {
    const { exitCode, stdout } = await verify(await make(), ['--dir', folder])
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('FAILED') })
  })

  it('answers 1 when the key was replaced by another under its name', async () => {
    put(folder, receiptKeyPath(signer.publicKey.kid), JSON.stringify(attacker.publicKey))
    expect(await verify(await receipt(atHead()), ['--dir', folder])).toMatchObject({ exitCode: 1 })
    const named = ['--dir', folder, ...trusted()]
    expect(await verify(await receipt(atHead(), attacker), named)).toMatchObject({ exitCode: 1 })
  })

  it('answers 2 for wrong usage', async () => {
    for (const args of [
      [],
      ['a', 'b'],
      ['missing'],
      ['-', '--key', keep('junk', '{}')],
      ['-', '--key', 'x', '--url', 'y'],
    ]) {
      expect(await receiptVerify(args)).toMatchObject({ exitCode: 2 })
    }
  })
})
