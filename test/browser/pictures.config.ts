import { defineConfig } from 'vitest/config'

// `npm run pictures` draws the screens for the documents. They need Chromium, and change with each drawing.
export default defineConfig({
  test: {
    name: 'pictures',
    include: ['test/browser/pictures.ts'],
    testTimeout: 240_000,
    hookTimeout: 90_000,
  },
})
