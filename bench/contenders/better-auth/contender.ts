import { randomBytes } from 'node:crypto'
import { type Answer, type Contender, type Http, held, newEmail, type Person } from '../../support/contender.ts'

const API = '/api/auth'
const ORIGIN = 'http://127.0.0.1'

async function signIn(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  keepCookies(person, await http.send(200, 'POST', `${API}/sign-in/email`, { json: { email, password } }))
}

async function register(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  await http.send(200, 'POST', `${API}/sign-up/email`, { json: { email, password, name: 'Ada Lovelace' } })
  await signIn(http, person)
}

function keepCookies(person: Person, { headers }: Answer): void {
  const lines = [headers['set-cookie'] ?? []].flat()
  person.held.cookie = lines.map((line) => line.split(';')[0]).join('; ')
}

const getSession = {
  does: 'GET /get-session',
  async run(http: Http, person: Person) {
    const { text } = await http.send(200, 'GET', `${API}/get-session`, { cookie: held(person, 'cookie') })
    // Without a session better-auth answers 200 and null.
    if (!text.includes('"session"')) throw new Error(`no session: ${text.slice(0, 200)}`)
  },
}

interface Variant {
  readonly name: string
  readonly title: string
  readonly isRevocationLate?: boolean
}

const variant = ({ name, title, isRevocationLate = false }: Variant): Contender => ({
  name: `better-auth-${name}`,
  title,
  configPath: `bench/contenders/better-auth/${name}.toml`,
  schema: 'bench/contenders/better-auth/schema.sql',
  vars: () => ({ BETTER_AUTH_SECRET: randomBytes(32).toString('base64url') }),
  doesNot: `${isRevocationLate ? 'revocation for five minutes, ' : ''}encryption, pepper, audit, verification mail, limits (switched off here)`,
  // The cookie cache is valid for five minutes.
  ...(isRevocationLate && { renewAfterMinutes: 3 }),
  register,
  signIn,
  operations: {
    register: {
      does: 'POST /sign-up/email',
      run: (http, { password }) =>
        http.send(200, 'POST', `${API}/sign-up/email`, { json: { email: newEmail(), password, name: 'Ada' } }),
    },
    'sign-in': { does: 'POST /sign-in/email', run: signIn },
    profile: getSession,
    session: getSession,
    update: {
      does: 'POST /update-user',
      run: async (http, person) => {
        await http.send(200, 'POST', `${API}/update-user`, {
          json: { name: `Ada ${performance.now()}` },
          cookie: held(person, 'cookie'),
          headers: { origin: ORIGIN },
        })
      },
    },
  },
})

export const betterAuths = [
  variant({ name: 'd1', title: 'better-auth on D1' }),
  variant({ name: 'kv', title: 'better-auth on D1, sessions in KV' }),
  variant({ name: 'cookie-cache', title: 'better-auth on D1, cookie cache', isRevocationLate: true }),
]
