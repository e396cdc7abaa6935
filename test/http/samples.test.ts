import { expect, it } from 'vitest'
import * as z from 'zod'
import { answer } from '../../src/http/contract/answers.ts'
import { route } from '../../src/http/contract/contract.ts'
import { examples } from '../../src/http/examples/examples.ts'
import { newPerson } from '../support/api.ts'
import { plainApp } from '../support/passwords.ts'
import { requestFor } from '../support/requests.ts'
import text from '../support/requests.ts?raw'

it('a new route gets its sample request from its contract', async () => {
  const person = await newPerson({}, { app: plainApp })
  const unheardOf = route({
    method: 'PUT',
    path: '/api/v1/users/me/sessions/:id/name',
    id: 'nameSession',
    area: 'Account',
    access: 'step-up',
    summary: 'Name a session',
    query: z.strictObject({ for: z.string() }),
    exampleQuery: () => ({ for: 'ever' }),
    body: z.strictObject({ name: z.string(), email: z.string(), proofs: z.array(z.string()) }),
    example: () => ({ name: 'At home', email: examples.email, proofs: [examples.oneTimeToken('reset')] }),
    answers: { 204: 'Named.' },
    handle: async () => answer(204),
  })
  const { path, call } = await requestFor(unheardOf, person)
  expect(path).toMatch(/^\/api\/v1\/users\/me\/sessions\/[0-9a-f-]{36}\/name\?for=ever$/)
  expect(call).toEqual({
    method: 'PUT',
    token: person.accessToken,
    body: {
      name: 'At home',
      email: person.email,
      proofs: [expect.stringMatching(/^lk_reset_[0-9a-f-]{36}\.[\w-]{43}$/)],
    },
  })
})

it('the code that makes samples names no route', () => {
  expect(text).not.toMatch(/'(GET|POST|PUT|PATCH|DELETE) \//)
})
