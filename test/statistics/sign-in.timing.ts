import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { change } from '../support/stores.ts'
import { expectAlike, reportOn } from './alike.ts'
import { median } from './distribution.ts'

const SAMPLES = 500
const WARM_UP = 20

test('E1 takes as long for an unknown address as for a wrong password and a locked account', async () => {
  const wrong = await newPerson()
  const locked = await newPerson()
  for (let i = 0; i < 11; i++) await signIn(locked.email)
  // The lock's row is the one that has been counted highest; the others are cleared before each sample.
  const unlockOthers = () => change('DELETE FROM attempts WHERE count < 11')

  const addresses = { unknown: 'nobody@example.com', wrong: wrong.email, locked: locked.email }
  const times: Record<keyof typeof addresses, number[]> = { unknown: [], wrong: [], locked: [] }
  const names = Object.keys(addresses) as (keyof typeof addresses)[]
  for (let i = 0; i < SAMPLES + WARM_UP; i++) {
    // Interleaved, in alternating order: a machine that grows slower does so for all three.
    const turn = i % 2 === 0 ? names : [...names].reverse()
    for (const name of turn) {
      await unlockOthers()
      const started = performance.now()
      await signIn(addresses[name])
      if (i >= WARM_UP) times[name].push(performance.now() - started)
    }
  }

  report(reportOn(times))
  // A clock that stands still while the processor works would make this measure nothing.
  for (const name of names) expect(median(times[name])).toBeGreaterThan(5)
  expectAlike(times)
})

test('E1 takes as long for an unknown address as for a known one after the cost of a hash was changed', async () => {
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

/** From an address of its own: what is measured is the account's lock, not the network's. */
async function signIn(email: string, using: Env = env): Promise<void> {
  const headers = { 'cf-connecting-ip': `198.51.${++requests >> 8}.${requests & 0xff}` }
  const { status } = await post('/auth/login', { email, password: `not ${PASSWORD}` }, { headers, env: using })
  expect(status).toBe(401)
}

// biome-ignore lint/suspicious/noConsole: the figures are what this is run for
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
