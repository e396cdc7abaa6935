import { randomBytes } from 'node:crypto'
import { type Contender, type Http, held, newEmail, type Person } from '../../support/contender.ts'

async function signIn(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  const { text } = await http.send(200, 'POST', '/login', { json: { email, password } })
  person.held.access = JSON.parse(text).access_token
}

async function register(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  await http.send(201, 'POST', '/register', { json: { email, password } })
  await signIn(http, person)
}

/** Argon2id of hash-wasm and a signed token: a service that is written in an afternoon. */
export const minimal: Contender = {
  name: 'minimal',
  title: 'minimal Argon2id + JWT',
  configPath: 'bench/contenders/minimal/wrangler.toml',
  schema: 'bench/contenders/minimal/schema.sql',
  doesNot:
    'sessions, refresh, revocation, encryption, pepper, audit, mail, limits, validation, uniform answers for unknown accounts',
  renewAfterMinutes: 10,
  vars: () => ({ JWT_SECRET: randomBytes(32).toString('base64url') }),
  register,
  signIn,
  operations: {
    register: {
      does: 'hash, one insert',
      run: (http, { password }) => http.send(201, 'POST', '/register', { json: { email: newEmail(), password } }),
    },
    'sign-in': { does: 'one read, hash, HS256', run: signIn },
    profile: {
      does: 'HS256, one read',
      run: (http, person) => http.send(200, 'GET', '/me', { token: held(person, 'access') }),
    },
    update: {
      does: 'HS256, one update',
      run: (http, person) =>
        http.send(200, 'PUT', '/me', { json: { name: `Ada ${performance.now()}` }, token: held(person, 'access') }),
    },
  },
}
