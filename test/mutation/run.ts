import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { print } from '../../bench/support/print.ts'
import { apply, type Mutant, mutantsOf } from './mutants.ts'
import { copyProject } from './project-copy.ts'
import { withSwitches } from './switches.ts'
import { type Target, targets } from './targets.ts'
import { describe, nameOf, readVerdicts, type Verdict, writeVerdicts } from './verdicts.ts'

// `npm run test:mutation -- --only counters --every 3`: changes one thing at a time in a copy of the project,
// and runs the tests that should fail. Killed mutants are stored in dist/mutation and not tried again until
// the file changes. Survivors are tried again, because a test may have been added.
const { values: options } = parseArgs({
  options: {
    /** Parts of names of files, separated by commas. */
    only: { type: 'string', default: '' },
    /** Try one mutant in this many. */
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3600' },
  },
})

/** A number that no mutant has, to see which code each test reaches. */
const NONE = -1
/** The number of mutants in one run. */
const GROUP = 16
const deadline = Date.now() + Number(options.seconds) * 1000

/** A file, with those of its mutants that are to be tried. Their numbers differ between files. */
interface Part {
  readonly target: Target
  readonly source: string
  readonly alive: ReadonlyMap<number, Mutant>
  readonly note: (mutant: Mutant, outcome: Pick<Verdict, 'isKilled'>) => void
}

/** More than a file has. */
const NUMBERS_OF_A_FILE = 10_000

/** Tries the mutants of files with the same tests. They share the dry run, and the starts of workerd. */
async function tryAll(targets: readonly Target[]): Promise<void> {
  const parts = targets.map(readPart)
  await trySwitched(parts)
  for (const { target, source, alive, note } of parts)
    for (const [number, mutant] of alive)
      if (mutant.isStatic && Date.now() < deadline) {
        project.write(target.file, apply(source, mutant))
        const [trial] = await project.run(target, [{ mutant: number }])
        note(mutant, { isKilled: trial?.isKilled ?? true })
        project.write(target.file, source)
      }
}

function readPart(target: Target, at: number): Part {
  const source = readFileSync(target.file, 'utf8')
  const verdicts = readVerdicts(target)
  const alive = [...mutantsOf(target.file, source).entries()].filter(
    ([number, mutant]) => number % Number(options.every) === 0 && !verdicts[nameOf(mutant)]?.isKilled,
  )
  return {
    target,
    source,
    alive: new Map(alive.map(([number, mutant]) => [at * NUMBERS_OF_A_FILE + number, mutant])),
    note(mutant, outcome) {
      const verdict = { ...outcome, ...describe(source, mutant) }
      verdicts[nameOf(mutant)] = verdict
      writeVerdicts(target, verdicts)
      if (!verdict.isKilled) print(`${target.file}:${verdict.line} survived: ${verdict.was} -> ${verdict.became}`)
    },
  }
}

const switchedOf = ({ alive }: Part) => new Map([...alive].filter(([, { isStatic }]) => !isStatic))

async function trySwitched(parts: readonly Part[]): Promise<void> {
  const [first] = parts
  const mutants = new Map(
    parts.flatMap((part) => [...switchedOf(part)].map(([number, mutant]) => [number, { mutant, note: part.note }])),
  )
  if (first === undefined || mutants.size === 0) return
  for (const part of parts) project.write(part.target.file, withSwitches(part.source, switchedOf(part)))
  const startedMs = Date.now()
  const [dry] = await project.run(first.target, [{ mutant: NONE }])
  // Other work may slow the machine down meanwhile.
  const patienceMs = 60_000 + 4 * (Date.now() - startedMs)
  if (dry === undefined || dry.isKilled) throw new Error(`${first.target.tests.join(' ')} fail without a mutant`)
  // Sixteen at once show the same as a hundred.
  const names = Object.keys(dry.reached).filter(
    (name) => !/\b100\b/.test(name) || !dry.reached[name.replace('100', '16')],
  )
  const testsThatReach = (mutant: number) => names.filter((name) => dry.reached[name]?.includes(mutant))
  const attempts = [...mutants.keys()].map((mutant) => ({ mutant, tests: testsThatReach(mutant) }))
  for (let from = 0; from < attempts.length && Date.now() < deadline; from += GROUP) {
    const group = attempts.slice(from, from + GROUP)
    const trials = await project.run(first.target, group, patienceMs)
    for (const attempt of group) {
      const trial =
        trials.find(({ mutant }) => mutant === attempt.mutant) ??
        (await project.run(first.target, [attempt], patienceMs))[0]
      const tried = mutants.get(attempt.mutant)
      tried?.note(tried.mutant, { isKilled: trial?.isKilled ?? true })
    }
  }
  for (const { target, source } of parts) project.write(target.file, source)
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

const project = copyProject()
try {
  const asked = targets.filter(({ file }) => options.only.split(',').some((name) => file.includes(name)))
  for (const sharing of Map.groupBy(asked, ({ config, tests }) => [config, ...tests].join(' ')).values())
    if (Date.now() < deadline) await tryAll(sharing)
  report()
} finally {
  project.remove()
}
