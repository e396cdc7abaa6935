import { beforeEach, expect, test } from 'vitest'
import { type Answer, get, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { countCosts, type Traffic } from '../support/costs.ts'
import { plainApp } from '../support/passwords.ts'

// Counts the bytes that are sent: to the client, which may be on a mobile network, and between Worker and
// database, where all text is parsed. The numbers are the same in each run, and the limits are a tenth above
// today's. A change that needs more must explain why.

const { env, during, traffic } = countCosts()
const options = { app: plainApp, env }
const PROFILE = { full_name: 'Ada Lovelace', bio: 'Computes.', preferences: { theme: 'dark' } }

interface Limits extends Traffic {
  /** Bytes of headers and body. */
  readonly answer: number
}

const HOT: readonly [string, Limits, (person: Person) => Promise<Answer>][] = [
  [
    'register',
    { answer: 540, toDatabase: 10_400, fromDatabase: 730 },
    () => post('/auth/register', { email: 'grace@example.com', password: PASSWORD }, options),
  ],
  [
    // The counter of failures in a row, the quotas of notices and sign-ins, and the costs for decoy hashes.
    // The claim `acr` takes 19 bytes of the answer, and the need for two factors 120 bytes of the statements:
    // two columns of the account, and the condition under which the session is inserted.
    'sign in',
    { answer: 1330, toDatabase: 9500, fromDatabase: 1290 },
    ({ email }) => post('/auth/login', { email, password: PASSWORD }, options),
  ],
  [
    // One statement rotates, counts the session's refreshes, decides what is recorded, and returns the
    // session. So a refresh writes three rows instead of twelve, and a retry needs no second statement.
    'refresh',
    { answer: 1180, toDatabase: 4700, fromDatabase: 870 },
    ({ refreshToken }) => post('/auth/refresh', { refresh_token: refreshToken }, options),
  ],
  [
    'read the profile',
    { answer: 930, toDatabase: 890, fromDatabase: 590 },
    ({ accessToken }) => get('/users/me', accessToken, options),
  ],
  [
    // The request is counted by network and by user.
    'change the profile',
    { answer: 930, toDatabase: 3900, fromDatabase: 1100 },
    ({ accessToken }) => get('/users/me', accessToken, { ...options, method: 'PATCH', body: { bio: 'Writes.' } }),
  ],
  [
    'check a session',
    { answer: 650, toDatabase: 0, fromDatabase: 0 },
    ({ accessToken }) => get('/auth/session', accessToken, options),
  ],
]

let person: Person

beforeEach(async () => {
  person = await newPerson({}, options)
  await get('/users/me', person.accessToken, { ...options, method: 'PUT', body: PROFILE })
})

test.each(HOT)('sends at most a tenth more bytes than today: %s', async (_, limits, ask) => {
  let answer: Answer | undefined
  await during(async () => {
    answer = await ask(person)
  })
  expect(answer?.status).toBeLessThan(300)
  const moved: Limits = { ...traffic(), answer: sizeOf(answer) }
  for (const [name, limit] of Object.entries(limits))
    expect(moved[name as keyof Limits], name).toBeLessThanOrEqual(limit)
})

/** The size of a message in HTTP/1.1, without the status line. */
function sizeOf(answer: Answer | undefined): number {
  const headers = [...(answer?.headers ?? [])].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return headers.length + JSON.stringify(answer?.body).length
}
