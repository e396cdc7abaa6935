import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'

// Runs inside the test process. One start of workerd tries many mutants: each imports the tests again. A test
// is skipped if it does not reach the mutant, or if another test has killed it.

declare module 'vitest' {
  interface TaskMeta {
    readonly name?: string
    /** Numbers of the mutants whose code the test reached. */
    readonly reached?: readonly number[]
  }
}

declare global {
  /** The function that the mutated source calls. */
  var isMutantOn: (mutant: number) => boolean
}

/** None at the start. */
let on: number | undefined
let isKilled = false
/** Names of the tests that reach it, or all tests when that is unknown. */
let reaching: ReadonlySet<string> | undefined
/** By the running test, and by the set-up before all tests. */
let reached = new Set<number>()
const reachedOutside = new Set<number>()
let isTestRunning = false

globalThis.isMutantOn = (mutant) => {
  const set = isTestRunning ? reached : reachedOutside
  set.add(mutant)
  return mutant === on
}

/** Declares the tests of each file, as importing it does, to run while the mutant is on. */
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
    // Hooks of one file must not run for tests of another.
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

/** The name without the number of the mutant. */
function nameOf(task: Named): string {
  const names = []
  for (let at: Named | undefined = task; at !== undefined; at = at.suite) names.unshift(at.name)
  return names.slice(1).join(' > ')
}
