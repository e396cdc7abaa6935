import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apply, type Mutant } from './mutants.ts'
import type { Target } from './targets.ts'

const RESULTS = 'dist/mutation'

export interface Verdict {
  /** Killed by a test that fails, or that never ends. */
  readonly isKilled: boolean
  readonly line: number
  readonly was: string
  readonly became: string
}

/** By the place and the change. */
export type Verdicts = Record<string, Verdict>

export const nameOf = ({ start, end, replacement }: Mutant): string => `${start}-${end} ${replacement}`

/** The first line that a mutant changes. */
export function describe(source: string, mutant: Mutant): Pick<Verdict, 'line' | 'was' | 'became'> {
  const line = source.slice(0, mutant.start).split('\n').length
  const [was = '', became = ''] = [source, apply(source, mutant)].map((text) => text.split('\n')[line - 1]?.trim())
  return { line, was, became }
}

/** A verdict on another text of the file, or from an older list of changes, does not count. */
function resultsFile({ file }: Target): string {
  const texts = [file, 'test/mutation/mutants.ts'].map((path) => readFileSync(path, 'utf8')).join('\0')
  const hash = execFileSync('git', ['hash-object', '--stdin'], { input: texts, encoding: 'utf8' }).slice(0, 12)
  return join(RESULTS, `${file.slice('src/'.length).replaceAll('/', '.')}.${hash}.json`)
}

export function readVerdicts(target: Target): Verdicts {
  const file = resultsFile(target)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export function writeVerdicts(target: Target, verdicts: Verdicts): void {
  const file = resultsFile(target)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(verdicts, null, 1))
}
