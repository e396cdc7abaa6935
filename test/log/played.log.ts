import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { digestOfLine } from '../../src/tlog/entry.ts'
import { growLog } from '../support/log-trees.ts'
import { ownFolder, writeCase } from './case.ts'
import { askJudge } from './judge.ts'

interface Played {
  readonly notes: readonly string[]
  /** The lines of the archive in the end. */
  readonly lines: readonly string[]
  readonly keys: readonly string[]
}

const VITEST = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs')

const sizeOf = (note: string) => Number(note.split('\n')[1])

it('K4 Go finds no two checkpoints that contradict each other, of all that attacks and cut-off runs had signed', () => {
  using kept = ownFolder()
  const run = spawnSync(process.execPath, [VITEST, 'run', '--root', '.', '--config', 'test/log/played.config.ts'], {
    encoding: 'utf8',
    // workerd writes a stack for every reset of the stores.
    maxBuffer: 2 ** 28,
    env: { ...process.env, KEEP_LOGS: kept.path },
  })
  expect(run.status, run.stdout.slice(-2000)).toBe(0)
  const logs = readdirSync(kept.path).map((name): Played => JSON.parse(readFileSync(join(kept.path, name), 'utf8')))
  expect(logs.length).toBeGreaterThan(2)
  for (const { notes, lines, keys } of logs) {
    using folder = ownFolder()
    const size = Math.max(...notes.map(sizeOf))
    const log = growLog(lines.slice(0, size).map(digestOfLine), [1000])
    writeCase(folder.path, { log, notes: notes.map((note) => ({ note, keys, holds: 1 })) })
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 0 })
  }
  const [first] = logs
  const sizes = logs.map(({ notes }) => new Set(notes.map(sizeOf)).size)
  expect(Math.max(...sizes), JSON.stringify(first?.notes)).toBeGreaterThan(2)
})
