import { defineConfig } from 'vitest/config'
import { workerd } from '../../vitest.config.ts'
import { races } from '../support/guarded-writes.ts'

/** A title as the source has it: what stands for the number of requests is any number. */
const patternOf = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[id]/g, '\\d+')

/** The shields count in the memory of the machine, which no round empties. */
const OPEN = { namespace_id: '1', simple: { limit: 1_000_000, period: 60 } }

// `npm run test:races`: the race of every guarded write, at 2, 16 and 100, for RACE_ROUNDS rounds.
export default defineConfig({
  plugins: [workerd({ ratelimits: { BURST_SIGN_IN: OPEN, BURST_WRITE: OPEN } })],
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
