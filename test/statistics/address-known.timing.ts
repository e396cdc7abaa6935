import { expect, test } from 'vitest'
import { type Answer, type Call, newPerson, type Person, post } from '../support/api.ts'
import { plainPasswords } from '../support/passwords.ts'
import { change } from '../support/stores.ts'
import { expectAlike, reportOn } from './alike.ts'

const SAMPLES = 500
const WARM_UP = 20
const { app } = plainPasswords()

/** What tells a stranger nothing, in its answer or in the time that it takes (SECURITY.md E2). */
const questions: Readonly<Record<string, (email: string, asking: Person, options: Call) => Promise<Answer>>> = {
  'a reset': (email, _, options) => post('/auth/reset-password', { email }, options),
  'another verification mail': (email, _, options) => post('/auth/verify-email/resend', { email }, options),
  'a change of address': (email, { accessToken }, options) =>
    post('/users/me/email', { new_email: email }, { ...options, token: accessToken }),
}

test.each(Object.entries(questions))(
  'E2 %s takes as long for an unknown address as for a known one',
  async (name, ask) => {
    const [asking, known] = [await newPerson({}, { app }), await newPerson({}, { app })]
    const times: Record<'unknown' | 'known', number[]> = { unknown: [], known: [] }
    for (let i = 0; i < SAMPLES + WARM_UP; i++) {
      // Interleaved, in alternating order: a machine that grows slower does so for both.
      const order = ['unknown', 'known'] as const
      for (const kind of i % 2 === 0 ? order : order.toReversed()) {
        // No mail is left to be replaced, and no quota used up: each sample is a first one.
        await change('DELETE FROM attempts')
        await change('DELETE FROM one_time_tokens')
        await change('DELETE FROM mail_jobs')
        await change('DELETE FROM mail_requests')
        const { status, ms } = await timed((options) =>
          ask(kind === 'known' ? known.email : `nobody${i}@example.com`, asking, options),
        )
        if (i >= WARM_UP) times[kind].push(ms)
        expect(status).toBe(202)
      }
    }
    report([`${name}:`, ...reportOn(times)])
    expectAlike(times)
  },
)

let requests = 0

/** Until the answer is ready: what happens behind it, such as sending the mail, nobody sees. */
async function timed(send: (options: Call) => Promise<Answer>) {
  let ms = Number.NaN
  const started = performance.now()
  // From an address of its own: what is measured is not the network's quota.
  const headers = { 'cf-connecting-ip': `198.51.${(++requests >> 8) & 0xff}.${requests & 0xff}` }
  const onResponse = () => {
    ms = performance.now() - started
  }
  return { ...(await send({ app, headers, onResponse })), ms }
}

// biome-ignore lint/suspicious/noConsole: the figures are what this is run for
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
