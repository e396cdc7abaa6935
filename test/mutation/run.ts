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

/** Mutants by their number. */
type Numbered = ReadonlyMap<number, Mutant>

function tryAll(target: Target): void {
  const source = readFileSync(target.file, 'utf8')
  const verdicts = readVerdicts(target)
  const alive = [...mutantsOf(target.file, source).entries()].filter(
    ([number, mutant]) => number % Number(options.every) === 0 && !verdicts[nameOf(mutant)]?.isKilled,
  )
  const note = (mutant: Mutant, outcome: Pick<Verdict, 'isKilled'>) => {
    const verdict = { ...outcome, ...describe(source, mutant) }
    verdicts[nameOf(mutant)] = verdict
    writeVerdicts(target, verdicts)
    if (!verdict.isKilled) print(`${target.file}:${verdict.line} survived: ${verdict.was} -> ${verdict.became}`)
  }
  const [statics, switched] = [true, false].map((is) => new Map(alive.filter(([, { isStatic }]) => isStatic === is)))
  if (switched?.size) trySwitched(target, source, switched, note)
  for (const [number, mutant] of statics ?? [])
    if (Date.now() < deadline) {
      project.write(target.file, apply(source, mutant))
      note(mutant, { isKilled: project.run(target, [{ mutant: number }])[0]?.isKilled ?? true })
    }
  project.write(target.file, source)
}

type Note = (mutant: Mutant, outcome: Pick<Verdict, 'isKilled'>) => void

function trySwitched(target: Target, source: string, mutants: Numbered, note: Note): void {
  project.write(target.file, withSwitches(source, mutants))
  const [dry] = project.run(target, [{ mutant: NONE }])
  if (dry === undefined || dry.isKilled) throw new Error(`${target.tests.join(' ')} fail without a mutant`)
  // Sixteen at once show the same as a hundred.
  const names = Object.keys(dry.reached).filter(
    (name) => !/\b100\b/.test(name) || !dry.reached[name.replace('100', '16')],
  )
  const testsThatReach = (mutant: number) => names.filter((name) => dry.reached[name]?.includes(mutant))
  const attempts = [...mutants.keys()].map((mutant) => ({ mutant, tests: testsThatReach(mutant) }))
  for (let from = 0; from < attempts.length && Date.now() < deadline; from += GROUP) {
    const group = attempts.slice(from, from + GROUP)
    const trials = project.run(target, group)
    for (const attempt of group) {
      const trial = trials.find(({ mutant }) => mutant === attempt.mutant) ?? project.run(target, [attempt])[0]
      const mutant = mutants.get(attempt.mutant)
      if (mutant) note(mutant, { isKilled: trial?.isKilled ?? true })
    }
  }
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
  for (const target of targets) if (target.file.includes(options.only) && Date.now() < deadline) tryAll(target)
  report()
} finally {
  project.remove()
}
