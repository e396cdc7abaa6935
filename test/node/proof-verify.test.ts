import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, test, vi } from 'vitest'
import { openFolder } from '../../src/cli/archive/archive-folder.ts'
import { makeProof } from '../../src/cli/erasures/make-proof.ts'
import { formatProofFile, parseProofFile } from '../../src/compliance/archive/proof/proof-file.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { digestOfLine, entryOf } from '../../src/tlog/entry.ts'
import { leafHash } from '../../src/tlog/merkle.ts'
import { formatNoteKey, type NoteSigner } from '../../src/tlog/note.ts'
import type { ReadTile } from '../../src/tlog/tiles.ts'
import { runLatchkeyHere } from '../support/command-runs.ts'
import {
  erasureFileOf,
  erasureOf,
  lineWith,
  logSigner,
  proofOf,
  type SmallLog,
  signLog,
  witnessSigner,
} from '../support/proof-files.ts'
import { eventId, lineOf, newFolder, pathOf, put, signerFrom, take, writeLog } from './archive-fixture.ts'

const USER = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'
const ORIGIN = 'id.example/audit'
const LINES = 300
const INDEX = 171

let work: string
let signer: ReceiptSigner
let own: NoteSigner
let witnesses: NoteSigner[]
let receipt: string
let lines: string[]
let log: SmallLog
let file: string

beforeAll(async () => {
  work = newFolder()
  signer = await signerFrom('service')
  own = await logSigner(ORIGIN)
  witnesses = [await witnessSigner('witness.example/one'), await witnessSigner('witness.example/two')]
  const erasure = await erasureOf(signer, USER)
  receipt = erasure.receipt
  lines = Array.from({ length: LINES }, (_, i) =>
    i === INDEX ? erasure.line : lineWith(`event-${i}`, 'user.signed_in'),
  )
  log = await signLog(lines, { signers: [own], witnesses })
  file = erasureFileOf({ signer, receipt, log, index: INDEX })
})

afterEach(() => vi.unstubAllGlobals())
afterAll(() => rmSync(work, { recursive: true, force: true }))

const keep = (name: string, content: string): string => {
  put(work, name, content)
  return join(work, name)
}

/** A policy with these logs, and a quorum of both witnesses. */
function policyOf(logs: readonly NoteSigner[], quorum = 'both'): string {
  const text = [
    ...logs.map((key) => `log ${formatNoteKey(key)}`),
    ...witnesses.map((key, i) => `witness w${i} ${formatNoteKey(key)}`),
    'group both all w0 w1',
    `quorum ${quorum}`,
  ].join('\n')
  return keep(`policy-${logs.map(({ name }) => name.replaceAll('/', '-')).join('-')}-${quorum}`, `${text}\n`)
}

async function verify(text: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await runLatchkeyHere(['receipt', 'verify', keep('proof', text), ...args])
  return { exitCode: status, stdout, stderr }
}

const withPolicy = (text: string) => verify(text, '--policy', policyOf([own]))

describe('K9 the proof of an erasure', () => {
  it('is verified offline against a policy', async () => {
    vi.stubGlobal('fetch', () => {
      throw new Error('the network is denied')
    })
    const { exitCode, stdout } = await withPolicy(file)
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 })
    expect(stdout).toContain(`OK: the data of user ${USER} was erased.`)
    expect(stdout).toContain(`${ORIGIN}, line ${INDEX} of ${LINES}`)
    for (const { name } of witnesses) expect(stdout).toContain(name)
    const json = await verify(file, '--policy', policyOf([own]), '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      receipt: { user_id: USER },
      event: { action: 'user.erased' },
      log: { origin: ORIGIN, index: INDEX, size: LINES },
      cosigned_by: [{ name: 'witness.example/one' }, { name: 'witness.example/two' }],
    })
  })

  it('is consistent and unanchored without a policy', async () => {
    expect(await verify(file)).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('NOT ANCHORED') })
  })

  it.each(['swapped receipt', 'swapped line', 'swapped hash', 'dropped hash', 'index', 'size', 'origin', 'key'])(
    'fails with another one (%s)',
    async (what) => {
      const other = await erasureOf(signer, 'a9f1a8cc-7a3e-4f58-9a51-4d2b5d9a4e11')
      const attacker = await signerFrom('attacker')
      const [hash] = proofOf(log, INDEX).proof
      const encoded = Buffer.from(hash ?? []).toString('base64')
      const changed = {
        'swapped receipt': file.replace(receipt, other.receipt),
        'swapped line': file.replace(lines[INDEX] ?? '', lines[0] ?? ''),
        'swapped hash': file.replace(encoded, Buffer.alloc(32, 7).toString('base64')),
        'dropped hash': file.replace(`${encoded}\n`, ''),
        index: file.replace(`index ${INDEX}`, `index ${INDEX - 1}`),
        size: file.replace(`${ORIGIN}\n${LINES}\n`, `${ORIGIN}\n${LINES + 1}\n`),
        origin: file.replace(`${ORIGIN}\n${LINES}\n`, `other.example/audit\n${LINES}\n`),
        key: file.replace(JSON.stringify(signer.publicKey), JSON.stringify(attacker.publicKey)),
      }[what]
      expect(changed).not.toBe(file)
      expect(await withPolicy(changed ?? '')).toMatchObject({ exitCode: 1 })
      const unanchored = await verify(changed ?? '')
      // Without a policy, what only signatures protect is consistent, and never OK.
      expect(unanchored.exitCode).toBe(what === 'origin' || what === 'size' ? 3 : 1)
    },
  )

  it('fails with the note of another tree, of another log, and an old root with a new size', async () => {
    const longer = await signLog([...lines, lineWith('later', 'user.signed_in')], { signers: [own], witnesses })
    const stranger = await logSigner('other.example/audit')
    const foreign = await signLog(lines, { signers: [stranger], witnesses })
    const posing = await signLog(lines, { signers: [stranger], witnesses, origin: ORIGIN })
    expect(await withPolicy(file.replace(log.note, longer.note))).toMatchObject({ exitCode: 1 })
    expect(await withPolicy(file.replace(log.note, foreign.note))).toMatchObject({ exitCode: 1 })
    // The policy believes both logs, and each of them only under its own name.
    const both = policyOf([own, stranger])
    expect(await verify(file.replace(log.note, posing.note), '--policy', both)).toMatchObject({ exitCode: 1 })
    const [, , root] = log.note.split('\n')
    const [, , newRoot] = longer.note.split('\n')
    expect(await withPolicy(file.replace(log.note, longer.note.replace(newRoot ?? '', root ?? '')))).toMatchObject({
      exitCode: 1,
    })
  })

  it('fails without the cosignatures that the policy asks for', async () => {
    const fileWith = async (cosigners: readonly NoteSigner[]) =>
      erasureFileOf({
        signer,
        receipt,
        log: await signLog(lines, { signers: [own], witnesses: cosigners }),
        index: INDEX,
      })
    const foreign = await witnessSigner('witness.example/foreign')
    const impostor = await witnessSigner('witness.example/two', 'other')
    for (const cosigners of [
      [],
      witnesses.slice(1),
      [...witnesses.slice(1), foreign],
      [...witnesses.slice(0, 1), impostor],
    ])
      expect(await withPolicy(await fileWith(cosigners))).toMatchObject({
        exitCode: 5,
        stdout: expect.stringContaining('BELOW QUORUM'),
      })
    const last = log.note.trimEnd().split('\n').at(-1) ?? ''
    const altered = `${last.slice(0, -10)}${last.at(-10) === 'A' ? 'B' : 'A'}${last.slice(-9)}`
    expect(await withPolicy(file.replace(last, altered))).toMatchObject({ exitCode: 1 })
    const alone = await fileWith([])
    expect(await verify(alone, '--policy', policyOf([own], 'none'))).toMatchObject({ exitCode: 0 })
  })

  it('fails for a receipt that is not in the log', async () => {
    const unlogged = await erasureOf(signer, 'a9f1a8cc-7a3e-4f58-9a51-4d2b5d9a4e11')
    const forged = formatProofFile({
      kind: 'erasure',
      receipt: unlogged.receipt,
      receiptKey: JSON.stringify(signer.publicKey),
      line: unlogged.line,
      proof: proofOf(log, INDEX),
    })
    expect(await withPolicy(forged)).toMatchObject({ exitCode: 1 })
    const otherwise = file.replace(receipt, unlogged.receipt)
    expect(await withPolicy(otherwise)).toMatchObject({ exitCode: 1 })
  })

  it('has one reading', () => {
    expect(formatProofFile(parseProofFile(file) ?? expect.fail())).toBe(file)
    for (const text of [
      `${file}\n`,
      file.replace('\n', '\n\n'),
      file.replace('index ', 'extra x\nindex '),
      file.slice(0, 400),
    ]) {
      const read = parseProofFile(text)
      if (read !== undefined) expect(formatProofFile(read)).toBe(text)
    }
    expect(parseProofFile(file.replace('proof/1', 'proof/2'))).toBeUndefined()
    expect(parseProofFile(file.replace('index ', 'extra x\nindex '))).toBeUndefined()
  })

  it('of a log with a million lines is a short file', async () => {
    const proof = { ...proofOf(log, INDEX), proof: Array.from({ length: 20 }, () => Buffer.alloc(32, 1)) }
    const read = parseProofFile(file) ?? expect.fail()
    expect(formatProofFile({ ...read, proof }).length).toBeLessThan(3000)
  })
})

describe('a proof file', () => {
  test('K19 of an own event shows the event', async () => {
    const text = formatProofFile({ kind: 'event', line: lines[3] ?? '', proof: proofOf(log, 3) })
    const { exitCode, stdout } = await withPolicy(text)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('user.signed_in, success')
    expect(await withPolicy(text.replace('user.signed_in', 'user.signed_up'))).toMatchObject({ exitCode: 1 })
    const erasureLine = formatProofFile({ kind: 'event', line: 'null', proof: proofOf(log, 3) })
    expect(await withPolicy(erasureLine)).toMatchObject({ exitCode: 1 })
  })

  test('takes the keys of the log from the service', async () => {
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ keys: [], log_keys: [formatNoteKey(own)] })),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await verify(file, '--url', url)).toMatchObject({ exitCode: 0 })
    const witnessesAlone = policyOf([])
    expect(await verify(file, '--url', url, '--policy', witnessesAlone)).toMatchObject({ exitCode: 0 })
    expect(await verify(file, '--policy', witnessesAlone)).toMatchObject({ exitCode: 2 })
    server.close()
    expect(await verify(file, '--url', 'http://id.example')).toMatchObject({ exitCode: 2 })
  })

  test('refuses options that would have no effect, and a policy that cannot be read', async () => {
    for (const args of [
      ['--key', 'k'],
      ['--dir', work],
      ['--distrust', 'kid@1'],
    ])
      expect(await verify(file, ...args)).toMatchObject({ exitCode: 2 })
    expect(await verify(file, '--policy', keep('broken', 'log nothing\nquorum none\n'))).toMatchObject({ exitCode: 2 })
    expect(await verify(receipt, '--policy', policyOf([own]))).toMatchObject({ exitCode: 2 })
    expect(await withPolicy(file.replace('proof/1', 'proof/9'))).toMatchObject({ exitCode: 1 })
  })
})

describe('the file of latchkey erasures proof', () => {
  const erasedAt = eventId(2, 1)

  /**
   * An archive of three segments, of which the second has the event of the receipt, and its published log.
   */
  async function published(name: string, count = 6) {
    const folder = join(work, name)
    const detail = JSON.stringify({ receipt: await digestOfReceipt(receipt) })
    const lineFor = (id: string) => (id === erasedAt ? { ...lineOf(id), action: 'user.erased', detail } : lineOf(id))
    await writeLog(folder, { signer, segments: 3, lineFor })
    const all = [1, 2, 3].flatMap((sequence) => take(folder, pathOf(sequence)).split('\n').slice(1, -2))
    const { note } = await signLog(all.slice(0, count), { signers: [own], witnesses })
    const leaves = all.map((line) => leafHash(entryOf(digestOfLine(line))))
    const readTile: ReadTile = async ({ width }) => leaves.slice(0, width)
    return { folder, archive: openFolder(folder), log: { readCheckpoint: async () => note, readTile } }
  }

  it.each([undefined, 2])('is made from the archive and the published log (segment %j)', async (segment) => {
    const { archive, log: publicLog } = await published(`archive-${segment}`)
    const made = await makeProof({ receipt, segment, archive, log: publicLog })
    expect(await withPolicy(made)).toMatchObject({ exitCode: 0 })
    await expect(makeProof({ receipt, segment: 3, archive, log: publicLog })).rejects.toThrow('no signed segment')
  })

  it('is not made from a log that does not have the event yet, or that disagrees', async () => {
    const { archive, log: short } = await published('archive-short', 3)
    await expect(makeProof({ receipt, segment: 2, archive, log: short })).rejects.toThrow('yet')
    const { log: publicLog } = await published('archive-whole')
    const readTile: ReadTile = async ({ width }) => Array.from({ length: width }, () => Buffer.alloc(32, 3))
    const planted = { ...publicLog, readTile }
    await expect(makeProof({ receipt, segment: 2, archive, log: planted })).rejects.toThrow('do not agree')
  })
})
