import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

// A million users take minutes to create and gigabytes to store, so this is a separate script.
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
