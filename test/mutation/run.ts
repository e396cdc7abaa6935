import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { print } from '../../bench/support/print.ts'
import { apply, type Mutant, mutantsOf } from './mutants.ts'
import { type Target, targets } from './targets.ts'

// `npm run test:mutation -- --only counters --every 3`: changes one thing at a time in a copy of the project, and runs
// the tests that should notice. What has been tried is kept in dist/mutation and not tried again, until a file or its
// tests change.
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    /** Take one mutant in so many. */
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3600' },
  },
})

const RESULTS = 'dist/mutation'
const TIMEOUT_MS = 300_000
const deadline = Date.now() + Number(options.seconds) * 1000

interface Verdict {
  /** Killed by a failing test, or by one that never ends. */
  readonly isKilled: boolean
  readonly line: number
  readonly was: string
  readonly became: string
}

/** By the place and the change. */
type Verdicts = Record<string, Verdict>

function tryAll(target: Target): void {
  const source = readFileSync(target.file, 'utf8')
  const verdicts = readVerdicts(target)
  const mutants = mutantsOf(target.file, source).filter((_, index) => index % Number(options.every) === 0)
  const untried = mutants.filter((mutant) => verdicts[nameOf(mutant)] === undefined)
  if (untried.length === 0) return
  if (!passes(target)) throw new Error(`${target.tests.join(' ')} fail without a mutant`)
  for (const mutant of untried) {
    if (Date.now() > deadline) break
    writeFileSync(join(folder, target.file), apply(source, mutant))
    const verdict = { isKilled: !passes(target), ...describe(source, mutant) }
    verdicts[nameOf(mutant)] = verdict
    if (!verdict.isKilled) print(`${target.file}:${verdict.line} survived: ${verdict.was} -> ${verdict.became}`)
    writeVerdicts(target, verdicts)
  }
  writeFileSync(join(folder, target.file), source)
}

function passes({ tests, config }: Target): boolean {
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--root', '.', '--config', config, '--bail', '1', ...tests],
    {
      cwd: folder,
      timeout: TIMEOUT_MS,
      stdio: 'ignore',
    },
  )
  return status === 0
}

const nameOf = ({ start, end, replacement }: Mutant): string => `${start}-${end} ${replacement}`

function describe(source: string, mutant: Mutant) {
  const line = source.slice(0, mutant.start).split('\n').length
  const [was, became] = [source, apply(source, mutant)].map((text) => text.split('\n')[line - 1]?.trim() ?? '')
  return { line, was: was ?? '', became: became ?? '' }
}

/** What was found out about other texts than these says nothing about them. */
function resultsFile({ file, tests }: Target): string {
  const texts = [file, ...tests].map((path) => readFileSync(path, 'utf8')).join('\0')
  const hash = execFileSync('git', ['hash-object', '--stdin'], { input: texts, encoding: 'utf8' }).slice(0, 12)
  return join(RESULTS, `${file.slice('src/'.length).replaceAll('/', '.')}.${hash}.json`)
}

function readVerdicts(target: Target): Verdicts {
  const file = resultsFile(target)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

function writeVerdicts(target: Target, verdicts: Verdicts): void {
  const file = resultsFile(target)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(verdicts, null, 1))
}

function report(): void {
  const all: Verdict[] = []
  for (const target of targets) {
    const verdicts = Object.values(readVerdicts(target))
    if (verdicts.length > 0) print(`${score(verdicts)} ${target.file}`)
    all.push(...verdicts)
  }
  print(`${score(all)} in all`)
}

function score(verdicts: readonly Verdict[]): string {
  const killed = verdicts.filter(({ isKilled }) => isKilled).length
  return `${String(killed).padStart(4)} of ${String(verdicts.length).padStart(4)} (${((100 * killed) / verdicts.length).toFixed(0)} %)`
}

/** The working tree itself is never changed. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-mutants-'))
  for (const path of execFileSync('git', ['ls-files'], { encoding: 'utf8' }).trim().split('\n'))
    if (existsSync(path)) cpSync(path, join(copy, path), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
  return copy
}

const folder = copyProject()
try {
  for (const target of targets) if (target.file.includes(options.only) && Date.now() < deadline) tryAll(target)
  report()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
