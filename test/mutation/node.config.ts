import { defineConfig } from 'vitest/config'

// The tests of src/crypto use no binding, so a mutant does not need a workerd.
export default defineConfig({
  test: {
    include: ['test/mutation/trial.test.ts'],
    // A change that makes a loop endless is stopped with the process. A fork would continue.
    pool: 'threads',
    setupFiles: ['./test/mutation/trial.ts'],
    reporters: ['./test/mutation/reporter.ts'],
    silent: true,
    testTimeout: 30_000,
  },
})
