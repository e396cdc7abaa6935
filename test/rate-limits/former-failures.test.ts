import { beforeEach, describe, expect, test } from 'vitest'
import type { EmailAddress } from '../../src/identity/email/email-address.ts'
import { parseEmailAddress } from '../../src/identity/email/email-address.ts'
import { lockoutCountersFor } from '../../src/rate-limits/counters-for.ts'
import { findCounters } from '../../src/rate-limits/find-counters.ts'
import { burst, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { plainPasswords } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, rows } from '../support/stores.ts'

// Version 0.2.0 counted the recent failures of an address in a row of their own, beside that of the failures
// in a row. Both must go on counting after the upgrade.

const { app, compared } = plainPasswords()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let person: Person

beforeEach(async () => {
  person = await newPerson({}, { app })
  await change('DELETE FROM attempts')
  compared.length = 0
})

const login = (password: string) => post('/auth/login', { email: person.email, password }, { app })
const subject = () => ({ email: parseEmailAddress(person.email) as EmailAddress })

/** Writes the rows that version 0.2.0 left. @returns the end of the window of recent failures */
async function leaveFailures({ recent, inARow }: { recent: number; inARow: number }): Promise<number> {
  const ctx = await jobContext()
  const [[window], [row]] = await Promise.all([
    lockoutCountersFor(ctx, 'sign-in', subject()),
    lockoutCountersFor(ctx, 'sign-in-in-a-row', subject()),
  ])
  const insert = 'INSERT INTO attempts (key, window_start, count, ends_at) VALUES (?, 1, ?, ?)'
  const endsAt = ctx.now + 7 * MINUTE_MS
  await change(insert, window?.key, recent, endsAt)
  await change(insert, row?.key, inARow, ctx.now + 20 * DAY_MS)
  return endsAt
}

describe('failures that version 0.2.0 has counted', () => {
  test.each([1, ...SIZES])('T1 leave one of ten attempts when there were nine, for %i at once', async (size) => {
    const endsAt = await leaveFailures({ recent: 9, inARow: 40 })
    await burst(size, () => login('guess'))
    expect(compared).toHaveLength(1)
    expect((await login(PASSWORD)).status).toBe(401)
    expect(compared).toHaveLength(1)
    const failures = await rows(
      'SELECT count, recent_count > 10 AS full, recent_ends_at FROM attempts WHERE recent_count > 0',
    )
    expect(failures).toEqual([{ count: 41, full: 1, recent_ends_at: endsAt }])
  })

  test('T1 lock at once when there were ten, or a hundred in a row', async () => {
    await leaveFailures({ recent: 10, inARow: 10 })
    expect((await login(PASSWORD)).status).toBe(401)
    await change('DELETE FROM attempts')
    await leaveFailures({ recent: 3, inARow: 100 })
    expect((await login(PASSWORD)).status).toBe(401)
    expect(compared).toEqual([])
  })

  test('are all forgotten after a success', async () => {
    await leaveFailures({ recent: 9, inARow: 99 })
    expect((await login(PASSWORD)).status).toBe(200)
    expect(await rows('SELECT * FROM attempts WHERE count > 0 OR recent_count > 0')).toEqual([])
  })

  test('are shown to an operator, before and after the next failure', async () => {
    await leaveFailures({ recent: 3, inARow: 5 })
    const shown = async () =>
      (await findCounters(await jobContext(), subject())).map(({ policy, count }) => [policy, count])
    expect(await shown()).toEqual([
      ['sign-in', 3],
      ['sign-in-in-a-row', 5],
    ])
    await login('guess')
    expect(await shown()).toEqual([
      ['sign-in', 4],
      ['sign-in-in-a-row', 6],
    ])
  })
})
