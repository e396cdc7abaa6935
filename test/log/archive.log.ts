import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import {
  drop,
  eventId,
  linesIn,
  namesIn,
  pathOf,
  put,
  signerFrom,
  take,
  writeLog,
  writeTiles,
} from '../node/archive-fixture.ts'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { growLog, randomFrom } from '../support/log-trees.ts'
import { type JudgedNote, ORIGIN, ownFolder, signerOf, signHead } from './case.ts'
import { askJudge } from './judge.ts'

const log = await signerOf(1, 'log')
const witnesses = [await signerOf(2, 'witness', 'witness.example/a'), await signerOf(3, 'witness', 'witness.example/b')]
const signer = await signerFrom('service')

interface Sized {
  readonly segments: number
  readonly eventsEach: number
}

/** Writes an archive with its tiles and a cosigned checkpoint, and what an auditor brings. */
async function writeArchive(folder: string, sized: Sized): Promise<JudgedNote> {
  await writeLog(folder, { signer, ...sized })
  const note = await signHead({ origin: ORIGIN, ...writeTiles(folder) }, { log, witnesses })
  bring(folder, note)
  return note
}

function bring(folder: string, note: JudgedNote): void {
  const { x, y } = signer.publicKey
  put(folder, 'auditor.json', JSON.stringify({ segments: { x, y }, ...note }))
  put(folder, 'note', note.note)
  const [vkey, ...others] = note.keys
  const lines = others.map((key, i) => `witness w${i} ${key}\n`)
  put(folder, 'policy', `log ${vkey}\n${lines.join('')}group all all w0 w1\nquorum all\n`)
}

/** What both verifiers say: status 0 if the archive holds. */
async function ask(folder: string) {
  const words = ['--policy', join(folder, 'policy'), '--note', join(folder, 'note'), '--key', signer.publicKey.kid]
  const own = await runLatchkeyHere(['audit', 'verify', '--dir', folder, ...words])
  const go = askJudge('archive', folder)
  return { own: own.status, go: go.status, said: `${own.stdout}${own.stderr} | ${go.said}` }
}

const SOUND = { own: 0, go: 0 }

/** Changes a bit of a file, asks both, and takes the change back. */
async function askChanged(folder: string, path: string, random: (below: number) => number) {
  const before = readFileSync(join(folder, path))
  const at = random(before.length)
  put(folder, path, Buffer.from(before.map((byte, i) => (i === at ? byte ^ (1 << random(8)) : byte))))
  const { own, go, said } = await ask(folder)
  put(folder, path, before)
  return { isFound: own !== 0 && go !== 0, said: `${path}: byte ${at}: ${said}` }
}

describe('K7 latchkey and Go both find', () => {
  it('a changed bit in a tile of each level, in a bundle and in a segment of a log with 66,000 lines', async () => {
    using folder = ownFolder()
    await writeArchive(folder.path, { segments: 66, eventsEach: 1000 })
    expect(await ask(folder.path)).toMatchObject(SOUND)
    const random = randomFrom(66)
    for (const path of ['log/tile/0/000', 'log/tile/0/255', 'log/tile/1/000', 'log/tile/entries/100', pathOf(40)]) {
      const { isFound, said } = await askChanged(folder.path, path, random)
      expect(isFound, said).toBe(true)
    }
    drop(folder.path, 'log/tile/1/000')
    expect(await ask(folder.path)).toMatchObject({ own: 1, go: 1 })
  })

  it('a changed bit anywhere in a segment, a tile, a bundle or the checkpoint', async () => {
    using folder = ownFolder()
    const note = await writeArchive(folder.path, { segments: 3, eventsEach: 300 })
    expect(await ask(folder.path)).toMatchObject(SOUND)
    const random = randomFrom(3)
    const paths = ['audit', 'log/tile/0', 'log/tile/entries'].flatMap((prefix) => namesIn(folder.path, prefix))
    for (const path of [...paths, ...paths, ...paths]) {
      const { isFound, said } = await askChanged(folder.path, path, random)
      expect(isFound, said).toBe(true)
    }
    for (let at = 0; at < note.note.length; at += 5) {
      // Go ignores the last bits of base64 before its padding: they are no part of any byte.
      if (note.note[at + 1] === '=') continue
      const other = note.note[at] === 'B' ? 'C' : 'B'
      bring(folder.path, { ...note, note: note.note.slice(0, at) + other + note.note.slice(at + 1) })
      const { own, go } = await ask(folder.path)
      expect([own !== 0, go !== 0], `character ${at}`).toEqual([true, true])
    }
  })

  it('segments that were dropped, swapped, repeated or cut off, and an old root under a new size', async () => {
    using folder = ownFolder()
    const { path } = folder
    const note = await writeArchive(path, { segments: 4, eventsEach: 300 })
    const texts = [1, 2, 3, 4].map((sequence) => take(path, pathOf(sequence)))
    const arrange = async (order: readonly number[]) => {
      for (const name of namesIn(path, 'audit')) drop(path, name)
      for (const [i, n] of order.entries()) put(path, pathOf(i + 1), texts[n - 1] ?? '')
      const { own, go } = await ask(path)
      return { own, go }
    }
    for (const order of [
      [1, 3, 4],
      [1, 3, 2, 4],
      [1, 2, 2, 3, 4],
      [1, 2, 3],
      [2, 3, 4],
      [1, 1, 3, 4],
    ]) {
      expect(await arrange(order), order.join()).toEqual({ own: 1, go: 1 })
    }
    expect(await arrange([1, 2, 3, 4])).toEqual(SOUND)
    renameSync(join(path, pathOf(2)), join(path, 'second'))
    expect(await ask(path)).toMatchObject({ own: 1, go: 1 })
    renameSync(join(path, 'second'), join(path, pathOf(2)))
    const { root } = growLog(linesIn(path).slice(0, 900).map(digestOfLine), [900])
    bring(path, await signHead({ origin: ORIGIN, size: 1200, root }, { log, witnesses }))
    expect(await ask(path)).toMatchObject({ own: 1, go: 1 })
    bring(path, { ...note, note: note.note.replace(formatTreeHead({ origin: ORIGIN, size: 1200, root }), '') })
    expect(await ask(path)).toMatchObject(SOUND)
  })

  it('K36 an archive that was forged with ROOT_KEYS, tiles and checkpoint included', async () => {
    using folder = ownFolder()
    const genuine = await writeArchive(folder.path, { segments: 3, eventsEach: 300 })
    for (const name of namesIn(folder.path, 'audit')) drop(folder.path, name)
    const idOf = (sequence: number, line: number) => eventId(sequence + 100, line)
    await writeLog(folder.path, { signer, segments: 3, eventsEach: 300, idOf })
    const forged = await signHead({ origin: ORIGIN, ...writeTiles(folder.path) }, { log })
    bring(folder.path, { ...genuine, note: forged.note })
    expect(await ask(folder.path)).toMatchObject({ own: 5, go: 1 })
    bring(folder.path, genuine)
    expect(await ask(folder.path)).toMatchObject({ own: 1, go: 1 })
  })
})
