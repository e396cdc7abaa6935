import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

const quick = join(import.meta.dirname, 'quick.ts')

export default defineConfig({
  plugins: [workerd()],
  // The import paths as in src/runtime/runtime.ts and test/support/passwords.ts. The tests of Argon2id and of
  // the hash queue import the real modules by another path.
  resolve: {
    alias: {
      '../crypto/argon2id/index.ts': quick,
      './worker-argon2id.ts': quick,
      '../crypto/hash-queue/hash-queue.ts': quick,
    },
  },
  test: {
    include: ['test/mutation/trial.test.ts'],
    // In this order, because a skipped test does not need an empty database.
    setupFiles: ['./test/mutation/trial.ts', './test/setup.ts'],
    reporters: ['./test/mutation/reporter.ts'],
    isolate: false,
    maxWorkers: 1,
    silent: true,
    testTimeout: 60_000,
  },
})
