import { expect, it } from 'vitest'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { formatNoteKey } from '../../src/tlog/note.ts'
import { put } from '../node/archive-fixture.ts'
import { type JudgedNote, ORIGIN, ownFolder, signerOf, signHead } from './case.ts'
import { askJudge } from './judge.ts'

const log = await signerOf(1, 'log')
const next = await signerOf(5, 'log')
const witnesses = [await signerOf(2, 'witness', 'witness.example/a'), await signerOf(3, 'witness', 'witness.example/b')]
const root = digestOfLine('root')

const judge = (notes: readonly JudgedNote[]) => {
  using folder = ownFolder()
  put(folder.path, 'notes.json', JSON.stringify(notes))
  return askJudge('notes', `${folder.path}/notes.json`)
}

it('K1 Go accepts notes with up to two cosignatures, of sizes up to 2^53', async () => {
  const notes: JudgedNote[] = []
  for (const size of [1, 255, 65_536, 2 ** 31, 2 ** 32 + 1, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    for (const count of [0, 1, 2]) {
      notes.push(await signHead({ origin: ORIGIN, size, root }, { log, witnesses: witnesses.slice(0, count) }))
    }
  }
  expect(judge(notes)).toEqual({ status: 0, said: '21 notes accepted, 0 refused' })
})

it('K13 Go accepts a note of a rotation by either key', async () => {
  const one = await signHead({ origin: ORIGIN, size: 9, root }, { log })
  const other = await signHead({ origin: ORIGIN, size: 9, root }, { log: next })
  const both = one.note + other.note.slice(other.note.indexOf('\n\n') + 2)
  const judged = [[log], [next], [log, next]].map((keys) => ({
    note: both,
    keys: keys.map(formatNoteKey),
    holds: keys.length,
  }))
  expect(judge(judged)).toMatchObject({ status: 0 })
})

it('K7 Go refuses a note or a cosignature of which a character was changed', async () => {
  const whole = await signHead({ origin: ORIGIN, size: 70_000, root }, { log, witnesses })
  const changed = Array.from(whole.note, (character, at): JudgedNote => {
    const other = character === 'B' ? 'C' : 'B'
    return { ...whole, note: whole.note.slice(0, at) + other + whole.note.slice(at + 1), holds: 0 }
  })
  // A signature line whose name or key id was changed is one of an unknown key, which a verifier ignores.
  const [body = '', ...lines] = whole.note.split(/(?=\u2014 )/)
  const starts = lines.map((_, i) => body.length + lines.slice(0, i).join('').length)
  const isNamed = (at: number) =>
    starts.some((start, i) => at >= start + 2 && at < start + (lines[i]?.lastIndexOf(' ') ?? 0) + 7)
  expect(judge(changed.filter((_, at) => !isNamed(at)))).toMatchObject({ status: 0 })
  const ignored = changed.filter((_, at) => isNamed(at)).map((note) => ({ ...note, holds: whole.holds - 1 }))
  expect(judge(ignored.slice(0, 1))).toMatchObject({ status: 0, said: '1 notes accepted, 0 refused' })
})
