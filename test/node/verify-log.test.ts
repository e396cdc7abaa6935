import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import type { Hash } from '../../src/tlog/merkle.ts'
import { cosignBody, formatNote, formatNoteKey, type NoteSigner, signBody } from '../../src/tlog/note.ts'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { growLog } from '../support/log-trees.ts'
import { logSigner, witnessSigner } from '../support/proof-files.ts'
import {
  drop,
  eventId,
  lineOf,
  linesIn,
  namesIn,
  newFolder,
  pathOf,
  put,
  signerFrom,
  take,
  writeLog,
  writeTiles,
} from './archive-fixture.ts'

const ORIGIN = 'id.example/audit'
const [SEGMENTS, EACH] = [3, 300]
const NOW_SECONDS = Math.floor(Date.now() / 1000)

let work: string
let folder: string
let signer: ReceiptSigner
let log: NoteSigner
let witnesses: NoteSigner[]
let root: Hash

beforeAll(async () => {
  work = newFolder()
  folder = join(work, 'archive')
  signer = await signerFrom('service')
  log = await logSigner(ORIGIN)
  witnesses = [await witnessSigner('a.example'), await witnessSigner('b.example'), await witnessSigner('c.example')]
})

beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await writeLog(folder, { signer, segments: SEGMENTS, eventsEach: EACH })
  root = writeTiles(folder).root
  keep('note', await noteOf(SEGMENTS * EACH))
  keep('policy', policyOf(2))
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

const keep = (name: string, content: string): string => {
  put(work, name, content)
  return join(work, name)
}

interface Noted {
  readonly root?: Hash
  readonly by?: readonly NoteSigner[]
  readonly seen?: readonly NoteSigner[]
  readonly atSeconds?: number
}

/** A checkpoint of the first lines of the archive, cosigned by two witnesses. */
async function noteOf(size: number, { by = [log], seen = witnesses.slice(0, 2), ...given }: Noted = {}) {
  const own = given.root ?? growLog(linesIn(folder).slice(0, size).map(digestOfLine), [size]).root
  const body = formatTreeHead({ origin: ORIGIN, size, root: own })
  const signatures = [
    ...(await Promise.all(by.map((one) => signBody(body, one)))),
    ...(await Promise.all(seen.map((one) => cosignBody(body, one, given.atSeconds ?? NOW_SECONDS)))),
  ]
  return formatNote({ body, signatures })
}

const policyOf = (quorum: number): string =>
  [
    `log ${formatNoteKey(log)}`,
    ...witnesses.map((one, i) => `witness w${i} ${formatNoteKey(one)}`),
    `group all ${quorum} w0 w1 w2`,
    'quorum all',
  ].join('\n')

const verify = async (...words: string[]) => {
  const { status, stdout } = await runLatchkeyHere(['audit', 'verify', '--dir', folder, ...words])
  return { status, stdout }
}

/** As an auditor with a policy and the published checkpoint. */
const audit = (...words: string[]) =>
  verify('--policy', join(work, 'policy'), '--note', join(work, 'note'), '--key', signer.publicKey.kid, ...words)

const failing = (kind: string) => ({ status: 1, stdout: expect.stringContaining(`FAILED (${kind})`) })

const flip = (path: string, at: number): void => {
  const bytes = readFileSync(join(folder, path))
  put(folder, path, Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 4 : byte))))
}

describe('the log of an archive', () => {
  it('answers 0, and says what was compared and who cosigned', async () => {
    const { status, stdout } = await audit()
    expect(stdout).toContain(`OK: ${SEGMENTS} segments with ${SEGMENTS * EACH} events`)
    expect(stdout).toContain(`the tree over ${SEGMENTS * EACH} lines was rebuilt, and 6 tiles and bundles`)
    expect(stdout).toContain('Cosigned by a.example')
    expect(status).toBe(0)
    const { log: found } = JSON.parse((await audit('--json')).stdout)
    expect(found).toMatchObject({ size: SEGMENTS * EACH, tiles: 6, unwritten: 0, strays: 0 })
    expect(found.checkpoint).toEqual({ origin: ORIGIN, size: SEGMENTS * EACH, state: 'anchored' })
    expect(found.cosigned_by).toHaveLength(2)
  })

  it('is anchored by a policy alone, if the checkpoint signs every line', async () => {
    const words = ['--policy', join(work, 'policy'), '--note', join(work, 'note')]
    expect(await verify(...words)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Anchored by the check'),
    })
    keep('note', await noteOf(SEGMENTS * EACH - 1))
    expect(await verify(...words)).toMatchObject({ status: 3 })
    expect(await audit()).toMatchObject({ status: 0, stdout: expect.stringContaining('signed the 1 lines after it') })
  })

  it('is not anchored by a checkpoint where the key of the newest segment is distrusted', async () => {
    const words = ['--policy', join(work, 'policy'), '--note', join(work, 'note')]
    const distrust = ['--distrust', `${signer.publicKey.kid}@${SEGMENTS}`]
    expect(await verify(...words, ...distrust)).toMatchObject({ status: 3 })
  })

  it('compares a checkpoint of any earlier size', async () => {
    for (const size of [1, 255, 256, 257, 300, 301, 600, 899]) {
      keep('note', await noteOf(size))
      expect(await audit(), `${size} lines`).toMatchObject({ status: 0 })
      keep('note', await noteOf(size, { root: digestOfLine('other') }))
      expect(await audit(), `${size} lines`).toMatchObject(failing('other-root'))
    }
  })

  it('accepts that the newest tiles are not written yet, and none that a checkpoint covers', async () => {
    for (const path of ['log/tile/0/002', 'log/tile/entries/002']) drop(folder, path)
    expect(await verify('--key', signer.publicKey.kid)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('2 tiles and bundles are not written yet'),
    })
    expect(await audit()).toMatchObject(failing('lost-tile'))
    rmSync(join(folder, 'log'), { recursive: true })
    expect(await verify('--key', signer.publicKey.kid)).toMatchObject({ status: 0 })
  })

  it('reports no time-stamp of a checkpoint as a stray, and other objects beside them', async () => {
    const stamp = 'log/timestamps/2026-11-30-0123456789abcdef'
    for (const path of [`${stamp}.note`, `${stamp}.tsr`, `${stamp}.other`]) put(folder, path, 'a time-stamp')
    const { status, stdout } = await audit()
    expect(status).toBe(0)
    expect(stdout).toContain(`Strays: 1 objects are no part of the log: ${stamp}.other.`)
  })

  it('reports objects that are no part of the log, and does not read them', async () => {
    for (const path of ['tile/0/003', 'tile/1/000', 'tile/0/000.p/9', 'tile/entries/x001/000', 'planted']) {
      put(folder, `log/${path}`, 'planted')
    }
    const { status, stdout } = await audit()
    expect(status).toBe(0)
    expect(stdout).toContain('Strays: 5 objects are no part of the log')
  })
})

describe('K7 tampering', () => {
  it('one changed byte anywhere in a tile or bundle is found', async () => {
    for (const path of [...namesIn(folder, 'log/tile/0'), ...namesIn(folder, 'log/tile/entries')]) {
      const before = readFileSync(join(folder, path))
      for (const at of [0, 2, before.length - 1]) {
        flip(path, at)
        expect(await verify('--key', signer.publicKey.kid), `${path}: ${at}`).toMatchObject(failing('other-tile'))
        put(folder, path, before)
      }
    }
  })

  it('a tile that is missing, cut short or another one is found', async () => {
    const [path, other] = ['log/tile/0/001', take(folder, 'log/tile/entries/001')]
    const before = readFileSync(join(folder, path))
    put(folder, path, before.subarray(0, 32))
    expect(await audit()).toMatchObject(failing('other-tile'))
    put(folder, path, other)
    expect(await audit()).toMatchObject(failing('other-tile'))
    drop(folder, path)
    expect(await audit()).toMatchObject(failing('lost-tile'))
    expect(await verify('--key', signer.publicKey.kid)).toMatchObject(failing('lost-tile'))
  })

  it('a changed line, and a changed header or signature of a segment, is found', async () => {
    const path = pathOf(2)
    const { length } = take(folder, path)
    for (const at of [20, 400, Math.floor(length / 2), length - 100, length - 2]) {
      const before = take(folder, path)
      flip(path, at)
      expect((await audit()).status, `byte ${at}`).toBe(1)
      put(folder, path, before)
    }
  })

  it('a segment that was dropped, swapped, repeated or cut off is found', async () => {
    const [first, second, third] = [1, 2, 3].map((sequence) => take(folder, pathOf(sequence)))
    drop(folder, pathOf(2))
    expect(await audit()).toMatchObject({ status: 1 })
    put(folder, pathOf(2), third ?? '')
    put(folder, pathOf(3), second ?? '')
    expect(await audit()).toMatchObject({ status: 1 })
    put(folder, pathOf(2), first ?? '')
    put(folder, pathOf(3), third ?? '')
    expect(await audit()).toMatchObject({ status: 1 })
    put(folder, pathOf(2), second ?? '')
    drop(folder, pathOf(3))
    expect(await audit()).toMatchObject(failing('truncated'))
  })

  it('a changed character of the checkpoint or of a cosignature is found', async () => {
    const note = await noteOf(SEGMENTS * EACH, { seen: witnesses })
    for (let at = 0; at < note.length; at += 7) {
      const other = note[at] === 'B' ? 'C' : 'B'
      keep('note', note.slice(0, at) + other + note.slice(at + 1))
      keep('policy', policyOf(3))
      expect([1, 2, 5], `character ${at}`).toContain((await audit()).status)
    }
  })

  it('an old root with a new size, and a smaller tree under a new root, are found', async () => {
    keep(
      'note',
      await noteOf(SEGMENTS * EACH, { root: growLog(linesIn(folder).slice(0, 600).map(digestOfLine), [600]).root }),
    )
    expect(await audit()).toMatchObject(failing('other-root'))
    keep('note', await noteOf(SEGMENTS * EACH + 1, { root }))
    expect(await audit()).toMatchObject(failing('truncated'))
  })
})

describe('K36 with ROOT_KEYS in hand', () => {
  it('forged segments with tiles and a checkpoint of their own fail where a quorum is demanded', async () => {
    const genuine = await noteOf(SEGMENTS * EACH)
    rmSync(folder, { recursive: true })
    const idOf = (sequence: number, line: number) => eventId(sequence + 100, line)
    await writeLog(folder, { signer, segments: SEGMENTS, eventsEach: EACH, idOf, lineFor: lineOf })
    writeTiles(folder)
    // Without a quorum, nothing distinguishes the forgery.
    keep('note', await noteOf(SEGMENTS * EACH, { seen: [] }))
    expect(await verify('--key', signer.publicKey.kid, '--note', join(work, 'note'))).toMatchObject({ status: 0 })
    expect(await audit()).toMatchObject({ status: 5, stdout: expect.stringContaining('BELOW QUORUM') })
    expect((await audit()).stdout).not.toMatch(/^OK/m)
    // A cosignature of another checkpoint does not hold.
    const cosignatures = genuine.split('\n').slice(-3).join('\n')
    keep('note', (await noteOf(SEGMENTS * EACH, { seen: [] })) + cosignatures)
    expect(await audit()).toMatchObject(failing('forged-note'))
    keep('note', genuine)
    expect(await audit()).toMatchObject(failing('other-root'))
  })

  it('a quorum is not met by one witness twice, by unknown ones, or by the key of the log', async () => {
    const [first] = witnesses
    const stranger = await witnessSigner('d.example')
    for (const seen of [[first, first], [first, stranger], [first]] as NoteSigner[][]) {
      keep('note', await noteOf(SEGMENTS * EACH, { seen }))
      expect(await audit()).toMatchObject({ status: 5 })
    }
    keep('note', await noteOf(SEGMENTS * EACH, { by: [await logSigner(ORIGIN, 'attacker')] }))
    expect(await audit()).toMatchObject(failing('forged-note'))
  })

  it('an old checkpoint is exit code 5 where its age is limited', async () => {
    keep('note', await noteOf(SEGMENTS * EACH, { atSeconds: NOW_SECONDS - 2 * 3600 }))
    const day = 24 * 365 * 100
    expect(await audit('--max-age', String(day))).toMatchObject({ status: 0 })
    expect(await audit('--max-age', '1')).toMatchObject({ status: 5, stdout: expect.stringContaining('TOO OLD') })
  })

  it('a demanded quorum is not passed over with --only-after', async () => {
    const checkpoint = keep('checkpoint', take(folder, pathOf(2)).trimEnd().split('"').at(-2) ?? '')
    const after = ['--checkpoint', checkpoint, '--only-after', '--key', signer.publicKey.kid]
    expect(await verify(...after)).toMatchObject({ status: 0 })
    expect(await verify(...after, '--policy', join(work, 'policy'))).toMatchObject({ status: 2 })
    expect(await verify(...after, '--note', join(work, 'note'))).toMatchObject({ status: 2 })
  })

  it('without a checkpoint, a demanded quorum is not met', async () => {
    const words = ['--policy', join(work, 'policy'), '--key', signer.publicKey.kid]
    expect(await verify(...words)).toMatchObject({ status: 5, stdout: expect.stringContaining('BELOW QUORUM') })
    expect(await verify('--note', keep('empty', '{"note":null}'))).toMatchObject({ status: 2 })
    expect(await verify('--policy', keep('bad', 'quorum nobody\n'))).toMatchObject({ status: 2 })
  })
})

describe('audit project', () => {
  const project = async (...words: string[]) => {
    const { status, stdout, stderr } = await runLatchkeyHere(['audit', 'project', '--dir', folder, ...words])
    return { status, said: stdout + stderr }
  }
  const out = () => join(work, 'out')

  it('K2 writes the tiles and bundles that the service writes, byte for byte', async () => {
    expect(await project('--out', out())).toMatchObject({
      status: 0,
      said: expect.stringContaining('6 written, 0 were there'),
    })
    for (const prefix of ['log/tile/0', 'log/tile/entries']) {
      expect(namesIn(out(), prefix).toSorted()).toEqual(namesIn(folder, prefix).toSorted())
      for (const path of namesIn(folder, prefix)) expect(take(out(), path)).toBe(take(folder, path))
    }
    expect((await project()).status).toBe(2)
  })

  it('writes nothing of an archive with a fault', async () => {
    rmSync(out(), { recursive: true, force: true })
    flip(pathOf(3), 400)
    expect(await project('--out', out())).toMatchObject({
      status: 1,
      said: expect.stringContaining('Nothing was written'),
    })
    expect(() => namesIn(out(), 'log')).toThrow()
  })
})
