import { env } from 'cloudflare:workers'
import { beforeAll, type RunnerTestCase, type RunnerTestSuite } from 'vitest'

const { RACE_ROUNDS, RACE_TITLES } = env as Env & { RACE_ROUNDS: string; RACE_TITLES: string }
const IS_RACE = new RegExp(RACE_TITLES)

/** Leaves the races of a file, and repeats them. Each round begins with empty stores, as each test does. */
function repeat(suite: RunnerTestSuite): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') repeat(task)
    else if (IS_RACE.test(task.name)) setRounds(task)
    else task.mode = 'skip'
  }
}

function setRounds(task: RunnerTestCase): void {
  // The isolate remembers a block for a minute, whatever becomes of the stores: a second round would be over
  // at once.
  task.repeats = task.name.startsWith('T5 ') ? 0 : Number(RACE_ROUNDS) - 1
  task.timeout = 600_000
}

// biome-ignore lint/correctness/noEmptyPattern: vitest takes fixtures in no other form; the suite is the file
beforeAll(({}, suite) => repeat(suite as RunnerTestSuite))
