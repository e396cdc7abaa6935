import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** What became of the mutants of one run. */
export interface Trial {
  readonly mutant: number
  readonly isKilled: boolean
  /** Numbers of the mutants that each test reached, by its name. */
  readonly reached: Readonly<Record<string, readonly number[]>>
}

/** Where the trials of a run are written to. */
export const TRIALS = 'trials.json'

const trialsOf = (module: TestModule): Trial[] =>
  [...module.children.suites()].map((suite) => ({
    mutant: Number(suite.name),
    isKilled: suite.state() === 'failed',
    reached: Object.fromEntries(
      [...suite.children.allTests()].map((test) => [test.meta().name ?? '', test.meta().reached ?? []]),
    ),
  }))

export default class TrialReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    writeFileSync(TRIALS, JSON.stringify(modules.flatMap(trialsOf)))
  }
}
