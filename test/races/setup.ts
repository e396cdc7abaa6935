import { env } from 'cloudflare:workers'
import { beforeAll, type RunnerTestCase, type RunnerTestSuite } from 'vitest'

const { RACE_ROUNDS, RACE_TITLES } = env as Env & { RACE_ROUNDS: string; RACE_TITLES: string }
const IS_RACE = new RegExp(RACE_TITLES)

/**
 * Skips all tests of a file except the races, and repeats those. Each round begins with empty stores, like
 * each test.
 */
function repeat(suite: RunnerTestSuite): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') repeat(task)
    else if (IS_RACE.test(task.name)) setRounds(task)
    else task.mode = 'skip'
  }
}

function setRounds(task: RunnerTestCase): void {
  // The isolate remembers a counter over its quota for a minute, even after the stores have been emptied. A
  // second round would be refused at once.
  task.repeats = task.name.startsWith('T5 ') ? 0 : Number(RACE_ROUNDS) - 1
  task.timeout = 600_000
}

// biome-ignore lint/correctness/noEmptyPattern: vitest takes fixtures in no other form; the suite is the file
beforeAll(({}, suite) => repeat(suite as RunnerTestSuite))
