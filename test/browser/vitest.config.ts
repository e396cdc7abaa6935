import { defineConfig } from 'vitest/config'

// These tests need Chromium, so they have their own script, `npm run test:browser`.
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/*.browser.ts'],
    // Each file starts a service and a browser, and the steps of a journey depend on each other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
})
