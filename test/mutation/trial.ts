import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'

// Runs beside the tests. One start of workerd tries many mutants: each has the tests imported for itself, and
// a test is skipped where it does not reach the mutant, or another one has killed it.

declare module 'vitest' {
  interface TaskMeta {
    readonly name?: string
    /** Numbers of the mutants whose place the test came by. */
    readonly reached?: readonly number[]
  }
}

declare global {
  /** What the mutated source asks. */
  var isMutantOn: (mutant: number) => boolean
}

/** None at first. */
let on: number | undefined
let isKilled = false
/** Names of the tests that reach it; all tests if nobody knows. */
let reaching: ReadonlySet<string> | undefined
/** By the test that runs, and by what is done before any. */
let reached = new Set<number>()
const reachedOutside = new Set<number>()
let isTestRunning = false

globalThis.isMutantOn = (mutant) => {
  const set = isTestRunning ? reached : reachedOutside
  set.add(mutant)
  return mutant === on
}

/** Declares the tests of each file, as its import does, to run while the mutant is on. */
export function tryMutant(
  mutant: number,
  names: readonly string[] | undefined,
  files: Readonly<Record<string, () => Promise<unknown>>>,
): void {
  describe(String(mutant), () => {
    beforeAll(() => {
      on = mutant
      isKilled = false
      reaching = names && new Set(names)
    })
    afterAll(() => {
      on = undefined
    })
    // What a file puts around its tests is not for those of another.
    for (const [file, load] of Object.entries(files))
      describe(file, async () => {
        on = mutant
        await load().catch((error: unknown) => {
          test('the tests can be imported', () => Promise.reject(error))
        })
        on = undefined
      })
  })
}

beforeEach(({ task, skip }) => {
  const name = nameOf(task)
  if (isKilled || reaching?.has(name) === false) skip()
  reached = new Set()
  isTestRunning = true
})

afterEach(({ task }) => {
  isTestRunning = false
  if (task.result?.state === 'fail') isKilled = true
  Object.assign(task.meta, { name: nameOf(task), reached: [...reached, ...reachedOutside] })
})

interface Named {
  readonly name: string
  readonly suite?: Named | undefined
}

/** Without the number of the mutant. */
function nameOf(task: Named): string {
  const names = []
  for (let at: Named | undefined = task; at !== undefined; at = at.suite) names.unshift(at.name)
  return names.slice(1).join(' > ')
}
