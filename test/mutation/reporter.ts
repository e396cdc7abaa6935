import { writeFileSync } from 'node:fs'
import type { Reporter, TestSuite } from 'vitest/node'

/** The verdict on a mutant. */
export interface Trial {
  readonly mutant: number
  readonly isKilled: boolean
  /** Numbers of the mutants that each test reached, by its name. */
  readonly reached: Readonly<Record<string, readonly number[]>>
}

/** The file to which the trials of a run are written. */
export const TRIALS = 'trials.json'

const trialOf = (suite: TestSuite): Trial => ({
  mutant: Number(suite.name),
  isKilled: suite.state() === 'failed',
  reached: Object.fromEntries(
    [...suite.children.allTests()].map((test) => [test.meta().name ?? '', test.meta().reached ?? []]),
  ),
})

/** Written after each mutant, because the next one may never end. */
export default class TrialReporter implements Reporter {
  readonly #trials: Trial[] = []

  onTestSuiteResult(suite: TestSuite): void {
    if (suite.parent.type !== 'module') return
    this.#trials.push(trialOf(suite))
    writeFileSync(TRIALS, JSON.stringify(this.#trials))
  }
}
