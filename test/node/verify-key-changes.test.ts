import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signKeyChange } from '../../src/compliance/archive/keys/key-endorsement.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { eventId, lineOf, newFolder, pathOf, put, signerFrom, take, writeChain, writeLog } from './archive-fixture.ts'

/** Segments 1 to 3 are signed by the old key, 4 to 6 by the new one. */
const CHANGE = 4
const LAST = 6

let work: string
let folder: string
let old: ReceiptSigner
let next: ReceiptSigner
let attacker: ReceiptSigner
let receipts: { readonly early: string; readonly late: string }

const receipt = (by: ReceiptSigner, user: string, change: object = {}) =>
  by.sign('latchkey-erasure+jws', {
    ...{ user_id: user, basis: 'user_request', requested_at: '2026-11-01', started_at: '2026-12-01' },
    ...{ completed_at: '2026-12-01', steps: [], ...change },
  })

interface Written {
  /** Who endorses the new key, and for which segment. */
  readonly endorsedBy?: ReceiptSigner | undefined
  readonly at?: number
}

async function write({ endorsedBy, at = CHANGE }: Written = { endorsedBy: old }) {
  rmSync(folder, { recursive: true, force: true })
  const change = { key: next.publicKey, version: 2, sequence: at }
  const endorsement = endorsedBy
    ? await signKeyChange(endorsedBy, { ...change, by: endorsedBy.publicKey.kid }, Date.now())
    : null
  const details = new Map<string, readonly [action: string, detail: object]>([
    [eventId(2, 1), ['user.erased', { receipt: await digestOfReceipt(receipts.early) }]],
    [eventId(3, 1), ['user.erased', { receipt: await digestOfReceipt(receipts.late) }]],
    [eventId(CHANGE, 0), ['log.key_changed', { from: kid(old), to: kid(next), version: 2, endorsement }]],
  ])
  await writeLog(folder, {
    ...{ signer: old, segments: LAST, signerOf: (sequence) => (sequence < CHANGE ? old : next) },
    lineFor(id) {
      const [action, detail] = details.get(id) ?? []
      return { ...lineOf(id), ...(action !== undefined && { action, detail: JSON.stringify(detail) }) }
    },
  })
}

const kid = ({ publicKey }: ReceiptSigner) => publicKey.kid
const keep = (name: string, content: string): string => {
  put(work, name, content)
  return join(work, name)
}

async function audit(...args: readonly string[]) {
  const { status, stdout, stderr } = await runLatchkeyHere(['audit', 'verify', '--dir', folder, '--json', ...args])
  return { status, stderr, document: stdout === '' ? undefined : JSON.parse(stdout) }
}

const audited = async (jws: string, ...args: readonly string[]) =>
  (await runLatchkeyHere(['receipt', 'verify', keep('receipt', jws), '--dir', folder, ...args])).status

beforeAll(async () => {
  work = newFolder()
  folder = join(work, 'archive')
  old = await signerFrom('old')
  next = await signerFrom('next')
  attacker = await signerFrom('attacker')
  receipts = { early: await receipt(old, 'a'), late: await receipt(old, 'b') }
})

beforeEach(() => write())
afterAll(() => rmSync(work, { recursive: true, force: true }))

describe('K13 audit verify of a change of keys', () => {
  it('names it with its position, and goes on with whoever kept the old key', async () => {
    const { status, document } = await audit('--key', kid(old))
    expect({ status, document }).toMatchObject({
      status: 0,
      document: { key_changes: [{ sequence: CHANGE, from: kid(old), to: kid(next), endorsed: true }] },
    })
    const { stdout } = await runLatchkeyHere(['audit', 'verify', '--dir', folder, '--key', kid(old)])
    expect(stdout).toContain(`Key changed at segment ${CHANGE}, and the old key endorsed that`)
  })

  it.each([
    ['nobody', () => ({})],
    ['another key', () => ({ endorsedBy: attacker })],
    ['the new key itself', () => ({ endorsedBy: next })],
    ['the old key for another segment', () => ({ endorsedBy: old, at: CHANGE + 1 })],
  ])('says so where %s endorsed it: no fault if the new key is anchored, and one otherwise', async (_, how) => {
    await write(how())
    expect(await audit('--key', kid(next))).toMatchObject({
      ...{ status: 0, document: { key_changes: [{ sequence: CHANGE, endorsed: false }] } },
    })
    expect(await audit('--key', kid(old))).toMatchObject({ status: 1, document: { finding: { kind: 'forged-head' } } })
  })

  it('names a change in format 1 as well', async () => {
    rmSync(folder, { recursive: true })
    const after = await writeChain(folder, { signer: old, segments: 3 })
    await writeLog(folder, { signer: next, segments: 2, after })
    expect(await audit('--key', kid(next))).toMatchObject({
      ...{ status: 0, document: { key_changes: [{ sequence: 4, endorsed: false }] } },
    })
  })
})

describe('K13 audit verify --distrust', () => {
  const distrust = (by: ReceiptSigner, sequence: number) => ['--distrust', `${kid(by)}@${sequence}`]

  it('finds the first segment of that key above the position, and none below', async () => {
    const keys = ['--key', kid(next)]
    expect(await audit(...keys, ...distrust(old, 3))).toMatchObject({ status: 0 })
    for (const last of [0, 1, 2])
      expect(await audit(...keys, ...distrust(old, last))).toMatchObject({
        ...{ status: 1, document: { finding: { kind: 'distrusted', sequence: last + 1 } } },
      })
    expect(await audit(...keys, ...distrust(old, 3), ...distrust(old, 1))).toMatchObject({ status: 1 })
  })

  it('of the old key takes its endorsement away', async () => {
    const { status, document } = await audit('--key', kid(old), '--key', kid(next), ...distrust(old, 3))
    expect({ status, document }).toMatchObject({ status: 0, document: { key_changes: [{ endorsed: false }] } })
    expect(await audit('--key', kid(old), ...distrust(old, 3))).toMatchObject({ status: 1 })
  })

  it('of the key that signed the newest segment leaves nothing that anchors it', async () => {
    expect(await audit('--key', kid(next), ...distrust(next, LAST))).toMatchObject({ status: 3 })
    const checkpoint = JSON.parse(take(folder, pathOf(LAST)).trimEnd().split('\n').at(-1) ?? '').checkpoint
    const kept = ['--checkpoint', keep('kept', checkpoint)]
    expect(await audit(...kept, ...distrust(next, LAST))).toMatchObject({ status: 0 })
    expect(await audit(...kept, ...distrust(next, LAST - 1))).toMatchObject({
      ...{ status: 1, document: { finding: { kind: 'distrusted', sequence: LAST } } },
    })
  })

  it('counts for format 1, and a segment that somebody planted with the key is a stray', async () => {
    const planted = take(folder, pathOf(2))
    await writeLog(folder, { signer: next, segments: 1 })
    const genuine = take(folder, pathOf(1))
    await write()
    put(folder, 'audit/000000000001-00000000000000aa.ndjson', genuine)
    put(folder, 'audit/000000000005-00000000000000aa.ndjson', planted)
    expect(await audit('--key', kid(next), '--key', kid(old), ...distrust(next, 0))).toMatchObject({
      ...{ status: 1, document: { finding: { kind: 'distrusted', sequence: CHANGE } } },
    })
    rmSync(folder, { recursive: true })
    await writeChain(folder, { signer: old, segments: 3 })
    expect(await audit('--key', kid(old), ...distrust(old, 2))).toMatchObject({
      ...{ status: 1, document: { finding: { kind: 'distrusted', sequence: 3 } } },
    })
  })

  it.each(['x@1', 'x', `${'a'.repeat(43)}@`, `${'a'.repeat(43)}@-1`, `${'a'.repeat(43)}@01`])(
    'answers 2 for %s',
    async (text) => {
      expect(await audit('--distrust', text)).toMatchObject({ status: 2 })
      expect(await audited(receipts.early, '--distrust', text)).toBe(2)
    },
  )
})

describe('K13 receipt verify --distrust', () => {
  const keys = () => ['--key', kid(old), '--key', kid(next)]
  const distrust = (sequence: number) => ['--distrust', `${kid(old)}@${sequence}`]

  it('counts a receipt whose line is not above the position, and no other', async () => {
    for (const jws of [receipts.early, receipts.late]) expect(await audited(jws, ...keys())).toBe(0)
    expect(await audited(receipts.early, ...keys(), ...distrust(2))).toBe(0)
    expect(await audited(receipts.late, ...keys(), ...distrust(2))).toBe(1)
    expect(await audited(receipts.late, ...keys(), ...distrust(3))).toBe(0)
    expect(await audited(receipts.early, ...keys(), ...distrust(0))).toBe(1)
  })

  it('believes no segment that the leaked key alone signed', async () => {
    const forged = await receipt(old, 'c')
    const digest = await digestOfReceipt(forged)
    const copy = newFolder()
    const lineFor = (id: string) => ({
      ...lineOf(id),
      action: 'user.erased',
      detail: JSON.stringify({ receipt: digest }),
    })
    await writeLog(copy, { signer: old, segments: 2, eventsEach: 1, lineFor })
    put(folder, 'audit/000000000002-00000000000000aa.ndjson', take(copy, pathOf(2)))
    rmSync(copy, { recursive: true })
    expect(await audited(forged, ...keys())).toBe(0)
    expect(await audited(forged, ...keys(), ...distrust(3))).toBe(3)
    // Nor does what was planted take the true ones away.
    expect(await audited(receipts.early, ...keys(), ...distrust(3))).toBe(0)
  })

  it('is not certain without the newer key, and refuses a receipt that does not say when it was signed', async () => {
    expect(await audited(receipts.early, '--key', kid(old), ...distrust(2))).toBe(3)
    const archive = { sequence: 0, hash: '0'.repeat(64) }
    const undated = await receipt(old, 'd', { archive })
    expect(await audited(undated, ...keys())).toBe(0)
    expect(await audited(undated, ...keys(), ...distrust(2))).toBe(1)
  })
})
