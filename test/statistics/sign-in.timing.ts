import { expect, test } from 'vitest'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { change } from '../support/stores.ts'
import { median, rankAuc } from './distribution.ts'

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

  const medians = names.map((name) => median(times[name]))
  const pairs = [
    ['unknown', 'wrong'],
    ['unknown', 'locked'],
    ['wrong', 'locked'],
  ] as const
  const aucs = pairs.map(([a, b]) => rankAuc(times[a], times[b]))
  report([
    ...names.map((name, i) => `median ${name}: ${medians[i]?.toFixed(2)} ms of ${times[name].length}`),
    ...pairs.map(([a, b], i) => `rank AUC ${a} / ${b}: ${aucs[i]?.toFixed(3)}`),
  ])
  // A clock that stands still while the processor works would make this measure nothing.
  expect(Math.min(...medians)).toBeGreaterThan(5)
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.1)
  for (const auc of aucs) {
    expect(auc).toBeGreaterThan(0.45)
    expect(auc).toBeLessThan(0.55)
  }
})

let requests = 0

/** From an address of its own: what is measured is the account's lock, not the network's. */
async function signIn(email: string): Promise<void> {
  const headers = { 'cf-connecting-ip': `198.51.${++requests >> 8}.${requests & 0xff}` }
  const { status } = await post('/auth/login', { email, password: `not ${PASSWORD}` }, { headers })
  expect(status).toBe(401)
}

// biome-ignore lint/suspicious/noConsole: the figures are what this is run for
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
