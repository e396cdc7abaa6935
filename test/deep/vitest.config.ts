import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'clients',
    include: ['test/deep/*.deep.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
