import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { change } from '../support/stores.ts'
import { expectAlike, reportOn } from './alike.ts'
import { median } from './distribution.ts'

const SAMPLES = 500
const WARM_UP = 20

test('E1 sign-in takes equally long for an unknown address, a wrong password and a locked account', async () => {
  const wrong = await newPerson()
  const locked = await newPerson()
  for (let i = 0; i < 11; i++) await signIn(locked.email)
  // The lock is the row with more than ten recent failures. The other rows are cleared before each sample.
  const unlockOthers = () => change('DELETE FROM attempts WHERE recent_count < 11')

  const addresses = { unknown: 'nobody@example.com', wrong: wrong.email, locked: locked.email }
  const times: Record<keyof typeof addresses, number[]> = { unknown: [], wrong: [], locked: [] }
  const names = Object.keys(addresses) as (keyof typeof addresses)[]
  for (let i = 0; i < SAMPLES + WARM_UP; i++) {
    // The samples are interleaved in alternating order, so that a machine that slows down affects all three
    // equally.
    const turn = i % 2 === 0 ? names : [...names].reverse()
    for (const name of turn) {
      await unlockOthers()
      const started = performance.now()
      await signIn(addresses[name])
      if (i >= WARM_UP) times[name].push(performance.now() - started)
    }
  }

  report(reportOn(times))
  // If the clock did not advance while the processor works, this test would measure nothing.
  for (const name of names) expect(median(times[name])).toBeGreaterThan(5)
  expectAlike(times)
})

test('E1 sign-in takes equally long for unknown and known addresses after the cost of a hash was changed', async () => {
  const known = await newPerson()
  const changed = { ...env, ARGON2_MEMORY_KIB: '47104' }
  const addresses = { unknown: 'nobody@example.com', known: known.email }
  const times: Record<keyof typeof addresses, number[]> = { unknown: [], known: [] }
  const names = Object.keys(addresses) as (keyof typeof addresses)[]
  for (let i = 0; i < SAMPLES + WARM_UP; i++) {
    for (const name of i % 2 === 0 ? names : [...names].reverse()) {
      await change('DELETE FROM attempts')
      const started = performance.now()
      await signIn(addresses[name], changed)
      if (i >= WARM_UP) times[name].push(performance.now() - started)
    }
  }
  report(reportOn(times))
  expectAlike(times)
})

let requests = 0

/**
 * Each sample has a network address of its own, so that the lock of the account is measured and not that of
 * the network.
 */
async function signIn(email: string, using: Env = env): Promise<void> {
  const headers = { 'cf-connecting-ip': `198.51.${++requests >> 8}.${requests & 0xff}` }
  const { status } = await post('/auth/login', { email, password: `not ${PASSWORD}` }, { headers, env: using })
  expect(status).toBe(401)
}

// biome-ignore lint/suspicious/noConsole: the figures are the purpose of this script
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
