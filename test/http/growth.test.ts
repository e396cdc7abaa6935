import { expect, test } from 'vitest'
import { MAX_SESSIONS } from '../../src/sessions/session-limits.ts'
import type { Costs } from '../support/costs.ts'
import { costsWithHistory, type Operation } from '../support/growing-costs.ts'
import { insertUsers } from '../support/many-users.ts'
import { change } from '../support/stores.ts'

// Counts statements and rows as data grows. `npm run bench -- growth` measures time, with a million users.

/** These operations handle every active session of a user; a user has at most a hundred. */
const OF_SESSIONS: readonly Operation[] = [
  'list of sessions',
  'sign-in',
  'end of other sessions',
  'change of password',
  'deletion',
]

/**
 * These operations handle all data of a user. The number is how many rows they read for each session and
 * event.
 */
const OF_EVERYTHING = { export: 3, purge: 11 } as const satisfies Partial<Record<Operation, number>>

test('the operations of one user cost no more with more other users; own sessions and events cost at most a bound, or three and eleven rows for each (export, purge)', async () => {
  await addUsers(1, 10)
  const small = await costsWithHistory(1, '198.51.100.1')
  await addUsers(11, 1000)
  const amongMany = await costsWithHistory(1, '198.51.100.2')
  const [history, longHistory] = [
    await costsWithHistory(300, '198.51.100.3'),
    await costsWithHistory(900, '198.51.100.4'),
  ]

  const unbounded = Object.keys(OF_EVERYTHING)
  expectEqual(amongMany, small, [])
  expectEqual(longHistory, history, unbounded)
  expectEqual(history, small, [...unbounded, ...OF_SESSIONS])
  for (const name of OF_SESSIONS) expect(history[name].kvWrites, name).toBeLessThanOrEqual(MAX_SESSIONS + 1)
  for (const name of ['export', 'purge'] as const)
    expect((longHistory[name].rowsRead - history[name].rowsRead) / 600, name).toBeCloseTo(OF_EVERYTHING[name], 1)
})

/**
 * A range scan also reads the row after its last match, if there is one. Whether there is one depends on
 * random ids.
 */
const SLACK = 6

/** All counts are equal, except rows read, which may differ a little. */
function expectEqual(actual: AllCosts, expected: AllCosts, except: readonly string[]): void {
  for (const [name, { rowsRead, ...others }] of Object.entries(expected)) {
    if (except.includes(name)) continue
    const { rowsRead: actuallyRead, ...actualOthers } = actual[name as Operation]
    expect(actualOthers, name).toEqual(others)
    expect(Math.abs(actuallyRead - rowsRead), `rows read: ${name}`).toBeLessThanOrEqual(SLACK)
  }
}

type AllCosts = Readonly<Record<Operation, Costs>>

async function addUsers(from: number, to: number): Promise<void> {
  for (const insert of insertUsers(Date.now(), 1000)) await change(insert, from, to, '1.domain')
}
