import { expect, test } from 'vitest'
import { type Answer, type Call, newPerson, type Person, post } from '../support/api.ts'
import { plainPasswords } from '../support/passwords.ts'
import { change } from '../support/stores.ts'
import { expectAlike, reportOn } from './alike.ts'

const SAMPLES = 500
const WARM_UP = 20
const { app } = plainPasswords()

interface Question {
  /** What comes before. It is not measured. */
  readonly prepare?: (email: string) => Promise<Answer>
  /** @param before the answer to what came before */
  readonly ask: (email: string, asking: Person, options: Call, before: Answer | undefined) => Promise<Answer>
  /** The status of the answer; 202 by default. */
  readonly status?: number
}

/** Requests whose response and duration must not reveal whether an address is known (requirement E2). */
const questions: Readonly<Record<string, Question>> = {
  'a reset': { ask: (email, _, options) => post('/auth/reset-password', { email }, options) },
  'another verification mail': { ask: (email, _, options) => post('/auth/verify-email/resend', { email }, options) },
  'a change of address': {
    ask: (email, { accessToken }, options) =>
      post('/users/me/email', { new_email: email }, { ...options, token: accessToken }),
  },
  'a mail that signs in': { ask: (email, _, options) => post('/auth/email', { email }, options) },
  'a sign-up by mail': { ask: (email, _, options) => post('/auth/sign-up', { email }, options) },
  'a wrong code of a mail': {
    prepare: (email) => post('/auth/email', { email }),
    ask: (_, __, options, before) =>
      post('/auth/email/confirm', { request: before?.body.request, code: '00000000' }, options),
    status: 400,
  },
}

test.each(Object.entries(questions))(
  'E2 %s takes equally long for unknown and known addresses',
  async (name, { prepare, ask, status: expected = 202 }) => {
    const [asking, known] = [await newPerson({}, { app }), await newPerson({}, { app })]
    const times: Record<'unknown' | 'known', number[]> = { unknown: [], known: [] }
    for (let i = 0; i < SAMPLES + WARM_UP; i++) {
      // The samples are interleaved in alternating order, so that a machine that slows down affects both
      // equally.
      const order = ['unknown', 'known'] as const
      for (const kind of i % 2 === 0 ? order : order.toReversed()) {
        // Deletes waiting mails and used quotas, so that each sample is like a first request.
        await change('DELETE FROM attempts')
        await change('DELETE FROM one_time_tokens')
        await change('DELETE FROM mail_jobs')
        await change('DELETE FROM mail_requests')
        const email = kind === 'known' ? known.email : `nobody${i}@example.com`
        const before = await prepare?.(email)
        const { status, ms } = await timed((options) => ask(email, asking, options, before))
        if (i >= WARM_UP) times[kind].push(ms)
        expect(status).toBe(expected)
      }
    }
    report([`${name}:`, ...reportOn(times)])
    expectAlike(times)
  },
)

let requests = 0

/** Measures until the response is ready. Clients cannot observe later work, such as sending the mail. */
async function timed(send: (options: Call) => Promise<Answer>) {
  let ms = Number.NaN
  const started = performance.now()
  // Each sample has a network address of its own, so that the quota of the network does not affect the
  // result.
  const headers = { 'cf-connecting-ip': `198.51.${(++requests >> 8) & 0xff}.${requests & 0xff}` }
  const onResponse = () => {
    ms = performance.now() - started
  }
  return { ...(await send({ app, headers, onResponse })), ms }
}

// biome-ignore lint/suspicious/noConsole: the figures are what this is run for
const report = (lines: readonly string[]) => console.log(lines.join('\n'))
