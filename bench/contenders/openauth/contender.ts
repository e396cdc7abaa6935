import { type Answer, type Contender, type Http, held, newEmail, type Person } from '../../support/contender.ts'

const CLIENT = 'bench'
const CALLBACK = 'http://localhost/callback'

/** The cookies of one browser. */
type Jar = Map<string, string>

async function signIn(http: Http, person: Person): Promise<void> {
  const jar = await begin(http)
  const form = { email: person.email, password: person.password }
  await redeem(http, person, await visit(http, jar, { expected: 302, path: '/password/authorize', form }))
}

/** Starts the code flow. The answer redirects to the provider. */
async function begin(http: Http): Promise<Jar> {
  const jar: Jar = new Map()
  const query = new URLSearchParams({ client_id: CLIENT, redirect_uri: CALLBACK, response_type: 'code' })
  await visit(http, jar, { expected: 302, path: `/authorize?${query}` })
  return jar
}

/** The three steps of a registration: the form, the code from the mail, the code for tokens. */
async function register(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  const jar = await begin(http)
  const path = '/password/register'
  await visit(http, jar, { expected: 200, path })
  await visit(http, jar, { expected: 200, path, form: { action: 'register', email, password, repeat: password } })
  const { text: code } = await http.send(200, 'GET', `/code?email=${encodeURIComponent(email)}`)
  await redeem(http, person, await visit(http, jar, { expected: 302, path, form: { action: 'verify', code } }))
}

async function redeem(http: Http, person: Person, { headers }: Answer): Promise<void> {
  const code = new URL(String(headers.location)).searchParams.get('code')
  if (code === null) throw new Error(`no code: ${headers.location}`)
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: CLIENT }
  keepTokens(person, await http.send(200, 'POST', '/token', { form }))
}

function keepTokens(person: Person, { text }: Answer): void {
  const { access_token: access = '', refresh_token: refresh = '' } = JSON.parse(text)
  person.held.access = access
  person.held.refresh = refresh
}

interface Visit {
  readonly expected: number
  readonly path: string
  readonly form?: Readonly<Record<string, string>>
}

async function visit(http: Http, jar: Jar, { expected, path, form }: Visit): Promise<Answer> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const answer = await http.send(expected, form ? 'POST' : 'GET', path, { cookie, ...(form && { form }) })
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
    const [pair = ''] = line.split(';')
    const at = pair.indexOf('=')
    jar.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return answer
}

/** The password provider of openauth's issuer, on KV. */
export const openauth: Contender = {
  name: 'openauth',
  title: 'openauth, password provider',
  configPath: 'bench/contenders/openauth/wrangler.toml',
  doesNot: 'a user record, atomic writes (KV alone), encryption at rest, pepper, audit, limits, revoking one session',
  keysPath: '/.well-known/jwks.json',
  tokens: (origin) => ({ issuer: origin, audience: CLIENT }),
  register,
  signIn,
  operations: {
    register: {
      does: 'five requests: authorize, form, register, verify, token',
      run: (http, { password }) => register(http, { email: newEmail(), password, held: {} }),
    },
    'sign-in': { does: 'three requests: authorize, password, token', run: signIn },
    refresh: {
      does: 'POST /token',
      async run(http, person) {
        const form = { grant_type: 'refresh_token', refresh_token: held(person, 'refresh') }
        keepTokens(person, await http.send(200, 'POST', '/token', { form }))
      },
    },
    'token-check': {
      does: 'ES256 with jose, at another Worker',
      servedBy: 'resource-server',
      run: (http, person) => http.send(200, 'GET', '/check/openauth', { token: held(person, 'access') }),
    },
  },
}
