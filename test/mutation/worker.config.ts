import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

export default defineConfig({
  plugins: [workerd()],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    silent: true,
    testTimeout: 60_000,
  },
})
