import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type ArchivedEvent,
  type ChainHead,
  checkpointPath,
  formatSegment,
  GENESIS,
  hashSegment,
  receiptKeyPath,
  segmentPath,
} from '../../src/compliance/archive/segment.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner, type ReceiptSigner } from '../../src/crypto/receipt-key.ts'

const SEGMENTS = 5
let root: string
let genuine: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'audit-verify-'))
  genuine = join(root, 'genuine')
  await writeArchive(genuine, await signerOf(7))
})

afterAll(() => rmSync(root, { recursive: true }))

const signerOf = async (seed: number): Promise<ReceiptSigner> =>
  createReceiptSigner(
    await deriveKeyRing([{ version: 1, secret: new Uint8Array(32).map((_, i) => (i * seed + i * i) % 256) }]),
  )

const event = (n: number): ArchivedEvent => ({
  id: `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  occurred_at: 1_700_000_000_000 + n,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'user',
  actor_id: 'a',
  subject_id: 'a',
  request_id: 'r',
  detail: null,
  pii_enc: null,
})

/** Writes an archive as the consumer does. @param firstEvent lets a forger tell another story */
async function writeArchive(dir: string, signer: ReceiptSigner, firstEvent = 1): Promise<void> {
  for (const folder of ['audit', 'checkpoints', 'receipt-keys']) mkdirSync(join(dir, folder), { recursive: true })
  writeFileSync(join(dir, receiptKeyPath(signer.publicKey.kid)), JSON.stringify(signer.publicKey))
  let head: ChainHead = GENESIS
  for (let n = 0; n < SEGMENTS; n++) {
    const text = formatSegment(head, [event(firstEvent + 2 * n), event(firstEvent + 2 * n + 1)], 1_700_000_000_000)
    head = { sequence: n + 1, hash: await hashSegment(text), eventCount: head.eventCount + 2 }
    writeFileSync(join(dir, segmentPath(n + 1)), text)
    writeFileSync(join(dir, checkpointPath(n + 1)), await signHead(signer, head))
  }
}

const signHead = (signer: ReceiptSigner, { sequence, hash, eventCount }: ChainHead): Promise<string> =>
  signer.sign('latchkey-checkpoint+jws', {
    sequence,
    hash,
    event_count: eventCount,
    created_at: '2026-01-01T00:00:00.000Z',
  })

interface Result {
  readonly code: number
  readonly output: string
}

function run(script: string, ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`src/cli/${script}.ts`, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    )
  })
}

/** A copy of the genuine archive, tampered with. */
async function verifyTampered(tamper: (dir: string) => void | Promise<void>, ...args: string[]): Promise<Result> {
  const dir = mkdtempSync(join(root, 'copy-'))
  cpSync(genuine, dir, { recursive: true })
  await tamper(dir)
  return run('audit-verify', '--dir', dir, ...args)
}

const edit = (path: string, change: (text: string) => string) => writeFileSync(path, change(readFileSync(path, 'utf8')))

test('accepts an untouched archive, and names its key', async () => {
  const { code, output } = await run('audit-verify', '--dir', genuine)
  expect(output).toContain(`OK ${SEGMENTS} segments, ${2 * SEGMENTS} events`)
  expect(output).toContain((await signerOf(7)).publicKey.kid)
  expect(code).toBe(0)
})

test('accepts an archive that is empty', async () => {
  expect((await run('audit-verify', '--dir', join(root, 'nothing'))).output).toContain('OK 0 segments')
})

test.each<[finding: string, tamper: (dir: string) => void | Promise<void>]>([
  ['edited at segment 3', (dir) => edit(join(dir, segmentPath(3)), (text) => text.replace('success', 'failure'))],
  [
    'edited at segment 5',
    (dir) => edit(join(dir, segmentPath(5)), (text) => text.replace('"actor_id":"a"', '"actor_id":"b"')),
  ],
  [
    'edited at segment 2',
    (dir) =>
      edit(join(dir, segmentPath(2)), (text) =>
        text.split('\n').slice(0, 2).join('\n').replace('"count":2', '"count":1').concat('\n'),
      ),
  ],
  [
    'malformed at segment 5',
    (dir) => {
      rmSync(join(dir, checkpointPath(5)))
      writeFileSync(join(dir, segmentPath(5)), 'not a segment\n')
    },
  ],
  ['gap at segment 2', (dir) => rmSync(join(dir, segmentPath(2)))],
  ['gap at segment 1', (dir) => rmSync(join(dir, segmentPath(1)))],
  [
    'reordered at segment 2',
    (dir) => {
      renameSync(join(dir, segmentPath(2)), join(dir, 'aside'))
      renameSync(join(dir, segmentPath(3)), join(dir, segmentPath(2)))
      renameSync(join(dir, 'aside'), join(dir, segmentPath(3)))
    },
  ],
  ['duplicate at segment 4', (dir) => cpSync(join(dir, segmentPath(2)), join(dir, segmentPath(4)))],
  [
    'duplicate at segment 6',
    async (dir) => {
      const text = formatSegment(
        { sequence: 5, hash: await hashSegment(readFileSync(join(dir, segmentPath(5)), 'utf8')), eventCount: 10 },
        [event(3)],
        1,
      )
      writeFileSync(join(dir, segmentPath(6)), text)
    },
  ],
  ['truncated at segment 5', (dir) => rmSync(join(dir, segmentPath(5)))],
  ['unsigned at segment 3', (dir) => rmSync(join(dir, checkpointPath(3)))],
  ['forged-head at segment 4', (dir) => edit(join(dir, checkpointPath(4)), (jws) => `${jws.slice(0, -8)}AAAAAAAA`)],
  ['forged-head at segment 4', (dir) => cpSync(join(dir, checkpointPath(3)), join(dir, checkpointPath(4)))],
  [
    'forged-head at segment 4',
    async (dir) => {
      const signer = await signerOf(7)
      const text = readFileSync(join(dir, segmentPath(4)), 'utf8')
      const forged = await signHead(signer, { sequence: 4, hash: await hashSegment(text), eventCount: 99 })
      writeFileSync(join(dir, checkpointPath(4)), forged)
    },
  ],
  [
    'forged-head at segment 1',
    async (dir) => {
      // Another key under the name of the genuine one: the name is the key's thumbprint.
      const { publicKey } = await signerOf(7)
      writeFileSync(join(dir, receiptKeyPath(publicKey.kid)), JSON.stringify((await signerOf(9)).publicKey))
    },
  ],
])('finds it: %s (U2)', async (finding, tamper) => {
  const { code, output } = await verifyTampered(tamper)
  expect(output).toContain(`FAILED ${finding}:`)
  expect(code).toBe(1)
})

test('finds any change of a single byte (U2)', async () => {
  const { verifyChain } = await import('../../src/compliance/archive/verify-chain.ts')
  const files = ['audit', 'checkpoints'].flatMap((folder) =>
    readdirSync(join(genuine, folder)).map((name) => `${folder}/${name}`),
  )
  const texts = new Map(files.map((name) => [name, readFileSync(join(genuine, name))]))
  const kid = readdirSync(join(genuine, 'receipt-keys'))[0] ?? ''
  const key = readFileSync(join(genuine, 'receipt-keys', kid), 'utf8')
  for (const [changed, bytes] of texts) {
    for (let at = changed.length % 7; at < bytes.length; at += 41) {
      const tampered = Buffer.from(bytes)
      // Bit 1 rather than bit 0: the last character of base64url has bits that mean nothing.
      tampered[at] = (tampered[at] ?? 0) ^ 0b100
      const report = await verifyChain({
        read: async (path) =>
          path.startsWith('receipt-keys/') ? key : (path === changed ? tampered : texts.get(path))?.toString(),
        list: async (prefix) => files.filter((name) => name.startsWith(prefix)),
      })
      expect(report.ok, `${changed} at ${at}`).toBe(false)
    }
  }
})

test('a kept checkpoint proves a rewrite that is signed with another key, and a new key is pointed out (U2)', async () => {
  const kept = join(root, 'kept.jws')
  cpSync(join(genuine, checkpointPath(3)), kept)
  const forged = join(root, 'forged')
  await writeArchive(forged, await signerOf(9), 100)
  expect((await run('audit-verify', '--dir', forged)).code).toBe(0)
  cpSync(join(genuine, 'receipt-keys'), join(forged, 'receipt-keys'), { recursive: true })
  const { code, output } = await run('audit-verify', '--dir', forged, '--checkpoint', kept)
  expect(output).toContain('FAILED rewritten at segment 3')
  expect(code).toBe(1)
  expect((await run('audit-verify', '--dir', genuine, '--checkpoint', kept)).code).toBe(0)
})

test('a kept checkpoint shows that the end was cut off together with its signatures (U2)', async () => {
  const kept = join(root, 'newest.json')
  writeFileSync(
    kept,
    JSON.stringify({
      checkpoint: readFileSync(join(genuine, checkpointPath(5)), 'utf8'),
      keys: [(await signerOf(7)).publicKey],
    }),
  )
  const cutOff = (dir: string) => {
    for (const n of [4, 5]) for (const path of [segmentPath(n), checkpointPath(n)]) rmSync(join(dir, path))
  }
  expect((await verifyTampered(cutOff)).code).toBe(0)
  expect((await verifyTampered(cutOff, '--checkpoint', kept)).output).toContain('FAILED truncated at segment 4')
})

test('wrong usage exits with 2', async () => {
  expect((await run('audit-verify', '--nonsense')).code).toBe(2)
  expect((await run('receipt-verify')).code).toBe(2)
})

test('accepts a genuine receipt and refuses an altered one, one of another kind, and one of another archive', async () => {
  const signer = await signerOf(7)
  const hash = await hashSegment(readFileSync(join(genuine, segmentPath(2)), 'utf8'))
  const at = '2026-01-01T00:00:00.000Z'
  const payload = {
    user_id: 'u',
    basis: 'user_request',
    requested_at: at,
    started_at: at,
    completed_at: at,
    steps: {},
    archive: { sequence: 2, hash },
  }
  const verifyReceiptText = (jws: string) => {
    writeFileSync(join(root, 'receipt'), jws)
    return run('receipt-verify', join(root, 'receipt'), '--dir', genuine)
  }
  const receipt = await signer.sign('latchkey-erasure+jws', payload)
  expect(await verifyReceiptText(receipt)).toMatchObject({ code: 0 })
  const [header, , signature] = receipt.split('.')
  const altered = Buffer.from(JSON.stringify({ ...payload, user_id: 'v' })).toString('base64url')
  expect((await verifyReceiptText(`${header}.${altered}.${signature}`)).code).toBe(1)
  expect((await verifyReceiptText(await signer.sign('latchkey-checkpoint+jws', payload))).code).toBe(1)
  expect((await verifyReceiptText(await (await signerOf(9)).sign('latchkey-erasure+jws', payload))).code).toBe(1)
  const elsewhere = { ...payload, archive: { sequence: 3, hash } }
  expect((await verifyReceiptText(await signer.sign('latchkey-erasure+jws', elsewhere))).code).toBe(1)
})
