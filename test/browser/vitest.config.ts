import { defineConfig } from 'vitest/config'

// Needs Chromium, which the other tests do not: it has a script of its own, `npm run test:browser`.
export default defineConfig({
  test: {
    name: 'browser',
    include: ['test/browser/*.browser.ts'],
    // Each file starts a service and a browser, and the order of a journey's steps matters.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
})
