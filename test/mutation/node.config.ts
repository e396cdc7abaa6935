import { defineConfig } from 'vitest/config'

// The tests of src/crypto ask no binding, so a mutant costs no start of workerd.
export default defineConfig({
  test: {
    include: ['test/mutation/trial.test.ts'],
    // A change that makes a loop endless ends with the process; a fork would outlive it.
    pool: 'threads',
    setupFiles: ['./test/mutation/trial.ts'],
    reporters: ['./test/mutation/reporter.ts'],
    silent: true,
    testTimeout: 30_000,
  },
})
