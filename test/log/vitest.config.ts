import { defineConfig } from 'vitest/config'

// `npm run test:log`: the log, judged by programs that others wrote. They need Go and openssl, so these tests
// have a script of their own.
export default defineConfig({
  test: {
    name: 'log',
    include: ['test/log/*.log.ts'],
    globalSetup: 'test/log/setup.ts',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
