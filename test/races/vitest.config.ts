import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'
import { races } from '../support/guarded-writes.ts'

/** A title as the source has it: what stands for the number of requests is any number. */
const patternOf = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[id]/g, '\\d+')

// `npm run test:races`: the race of every guarded write, at 2, 16 and 100, for RACE_ROUNDS rounds.
export default defineConfig({
  plugins: [workerd()],
  test: {
    name: 'races',
    include: [...new Set(races.map(([file]) => file))],
    testNamePattern: new RegExp(races.map(([, title]) => patternOf(title)).join('|')),
    setupFiles: ['./test/setup.ts', './test/races/setup.ts'],
    isolate: false,
    maxWorkers: 1,
    silent: true,
    testTimeout: 600_000,
  },
})
