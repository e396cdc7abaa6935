import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

// A million users take minutes to make and gigabytes to keep: a script of its own.
export default defineConfig({
  plugins: [workerd()],
  test: {
    name: 'scale',
    include: ['test/statistics/*.scale.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 3_600_000,
  },
})
