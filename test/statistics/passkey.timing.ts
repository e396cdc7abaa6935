import { expect, test } from 'vitest'
import { newPerson, post } from '../support/api.ts'
import type { Variant } from '../support/authenticator.ts'
import { givePasskey, sendAnswer } from '../support/passkeys.ts'
import { change } from '../support/stores.ts'
import { expectAlike, reportOn } from './alike.ts'

const SAMPLES = 500
const WARM_UP = 20

/** A signature of the right form that is wrong. */
const wrong: Variant = { signature: (right) => right.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) }

test('W6 a sign-in with a passkey is refused equally fast, whatever the reason', async () => {
  const give = async (state: string, variant: Variant) => {
    const { device, id } = await givePasskey(await newPerson())
    await change(`${state} WHERE id = ?`, id)
    return { device, variant }
  }
  const cases = {
    unknown: await give('DELETE FROM passkeys', {}),
    'wrong signature': await give('UPDATE passkeys SET last_used_at = 1', wrong),
    removed: await give('UPDATE passkeys SET removed_at = 1, details_enc = NULL', wrong),
    suspended: await give('UPDATE passkeys SET suspended_at = 1', {}),
  }
  const names = Object.keys(cases) as (keyof typeof cases)[]
  const times: Record<keyof typeof cases, number[]> = {
    unknown: [],
    'wrong signature': [],
    removed: [],
    suspended: [],
  }
  let requests = 0
  for (let i = 0; i < SAMPLES + WARM_UP; i++) {
    // The samples are interleaved in alternating order, so that a machine that slows down affects all
    // equally.
    for (const name of i % 2 === 0 ? names : [...names].reverse()) {
      await change('DELETE FROM attempts')
      const { device, variant } = cases[name]
      // Each sample has a network of its own, so that no limit of a network is measured.
      const headers = { 'cf-connecting-ip': `198.51.${++requests >> 8}.${requests & 0xff}` }
      const offer = await post('/auth/passkey/options', undefined, { method: 'POST', headers })
      const credential = await device.get(offer.body.public_key, variant)
      const started = performance.now()
      const { status, body } = await sendAnswer({ ticket: offer.body.ticket, credential }, { headers })
      if (i >= WARM_UP) times[name].push(performance.now() - started)
      expect([status, body.code]).toEqual([401, 'invalid_credentials'])
    }
  }
  report(reportOn(times))
  expectAlike(times)
})

// biome-ignore lint/suspicious/noConsole: the figures are the purpose of this script
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
