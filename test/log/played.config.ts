import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'

// Attacks and cut-off runs of the tree. What they signed goes into the folder KEEP_LOGS: see played.log.ts.

const { KEEP_LOGS = '' } = process.env
let kept = 0

export default defineConfig({
  plugins: [
    workerd({
      bindings: { FAULTS: 'all' },
      services: {
        async JUDGE(request) {
          writeFileSync(join(KEEP_LOGS, `${++kept}.json`), JSON.stringify(await request.json()))
          return new Response()
        },
      },
    }),
  ],
  test: {
    name: 'played',
    include: ['test/compliance/tree-attacks.test.ts', 'test/compliance/tree-migration.test.ts'],
    setupFiles: ['./test/setup.ts', './test/capture-console.ts'],
    isolate: false,
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
