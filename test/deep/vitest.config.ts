import { defineConfig, defineProject } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'
import { races } from '../races/races.ts'
import { quickHashesOfTestUsers } from '../support/quick-hashes.ts'
import { raceSizes } from '../support/race-sizes.ts'

const { RACE_ROUNDS = '50', FUZZ_REQUESTS = '1000000', ARGON2ID_INPUTS = '10000', LOG_PROOFS = '1000' } = process.env

/** Measurements need a quiet machine, so they start when all other projects have finished. */
const LAST = 1
const AFTER_LAST = 2
const LONG_MS = 600_000
const HOUR_MS = 3_600_000

const inWorkerd = {
  setupFiles: ['./test/setup.ts', './test/capture-console.ts'],
  isolate: false,
  testTimeout: LONG_MS,
  hookTimeout: LONG_MS,
}

/** In projects that measure no time. */
const quickHashes = { alias: quickHashesOfTestUsers }

/** Programs that use generated clients, against a running service. */
const clients = defineProject({
  test: { name: 'clients', include: ['test/deep/*.deep.ts'], testTimeout: LONG_MS, hookTimeout: LONG_MS },
})

/** Every race at 2, 16 and 100, for RACE_ROUNDS rounds. */
const racesRepeated = defineProject({
  plugins: [
    workerd({
      bindings: { RACE_SIZES: raceSizes.deep, RACE_ROUNDS, RACE_TITLES: races.titles },
    }),
  ],
  resolve: quickHashes,
  test: {
    ...inWorkerd,
    name: 'races',
    include: races.files,
    setupFiles: [...inWorkerd.setupFiles, './test/races/setup.ts'],
  },
})

const faultFiles = [
  ...['test/attack/faults.test.ts', 'test/sign-in/federated/faults.test.ts'],
  ...['test/compliance/erasure.test.ts', 'test/keys/rotation.test.ts', 'test/compliance/activity-bundles.test.ts'],
  ...['test/compliance/archive-insiders.test.ts', 'test/compliance/killed-registration.test.ts'],
  ...['test/compliance/tree-attacks.test.ts', 'test/compliance/tree-migration.test.ts'],
  'test/operators/factor-reset.test.ts',
]

/** Every fault at every call. */
const faults = defineProject({
  plugins: [workerd({ bindings: { FAULTS: 'all' } })],
  resolve: quickHashes,
  test: { ...inWorkerd, name: 'faults', include: faultFiles },
})

const fuzz = defineProject({
  plugins: [workerd({ bindings: { FUZZ_REQUESTS } })],
  resolve: quickHashes,
  test: { ...inWorkerd, name: 'fuzz', include: ['test/attack/fuzz.test.ts'] },
})

/** The takeover of what version 0.2.0 left, with the numbers of a large deployment. */
const takeover = defineProject({
  plugins: [workerd({ bindings: { TAKEOVER: 'all' } })],
  resolve: quickHashes,
  test: { ...inWorkerd, name: 'takeover', include: ['test/compliance/takeover.test.ts'] },
})

/** Two hundred requests to a witness at once. */
const witness = defineProject({
  plugins: [workerd({ bindings: { RACE_SIZES: '200' } })],
  test: { ...inWorkerd, name: 'witness', include: ['test/witness/*.test.ts'] },
})

const argon2id = defineProject({
  test: {
    name: 'argon2id',
    include: ['test/node/argon2id.test.ts'],
    env: { ARGON2ID_INPUTS },
    testTimeout: LONG_MS,
  },
})

/** Proofs of the log, judged by another verifier. */
const log = defineProject({
  test: { name: 'log', include: ['test/node/log-judge.test.ts'], env: { LOG_PROOFS }, testTimeout: LONG_MS },
})

const timing = defineProject({
  plugins: [workerd()],
  test: {
    name: 'timing',
    include: ['test/statistics/*.timing.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    sequence: { groupOrder: LAST },
    testTimeout: LONG_MS,
  },
})

/** The time of queries with a million users. The users take minutes to insert, and gigabytes of disk. */
const scale = defineProject({
  plugins: [workerd()],
  test: {
    name: 'scale',
    include: ['test/statistics/*.scale.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    sequence: { groupOrder: AFTER_LAST },
    testTimeout: HOUR_MS,
  },
})

// `npm run test:deep`: what takes too long for `npm test`, or repeats it many times. `-- --project NAME` runs
// one project.
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [clients, racesRepeated, faults, fuzz, takeover, witness, argon2id, log, timing, scale],
    // Prints the figures, without the log line of each request that was measured.
    onConsoleLog: (text) => !text.startsWith('{"level":"info"'),
  },
})
