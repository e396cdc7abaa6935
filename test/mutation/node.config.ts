import { defineConfig } from 'vitest/config'

// The tests of src/crypto ask no binding, so a mutant costs a second and not ten.
export default defineConfig({
  test: { include: ['test/crypto/*.test.ts'], silent: true, testTimeout: 60_000 },
})
