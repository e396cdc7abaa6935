import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

// Measurements want a quiet machine and minutes: they have a script of their own.
export default defineConfig({
  plugins: [workerd()],
  test: {
    name: 'timing',
    include: ['test/statistics/*.timing.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    // The figures, and not a line for each of the requests that they are made from.
    onConsoleLog: (text) => !text.startsWith('{"level":"info"'),
  },
})
