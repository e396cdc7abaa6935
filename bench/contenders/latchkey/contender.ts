import { randomBytes } from 'node:crypto'
import { type Contender, type Http, held, newEmail, type Person } from '../../support/contender.ts'

const API = '/api/v1'
const ISSUER = 'http://localhost:8787'

async function signIn(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  keepTokens(person, await http.send(200, 'POST', `${API}/auth/login`, { json: { email, password } }))
}

function keepTokens(person: Person, { text }: { readonly text: string }): void {
  const { access_token: access = '', refresh_token: refresh = '' } = JSON.parse(text)
  person.held.access = access
  person.held.refresh = refresh
}

/** All six encrypted fields have a value when the profile is read. */
async function register(http: Http, person: Person): Promise<void> {
  const { email, password } = person
  await http.send(201, 'POST', `${API}/auth/register`, { json: { email, password } })
  await signIn(http, person)
  const profile = {
    full_name: 'Ada Lovelace',
    phone_number: '+442079460000',
    avatar_url: 'https://example.com/ada.png',
    bio: 'Writes programs.',
    preferences: { theme: 'dark', language: 'en' },
  }
  await http.send(200, 'PUT', `${API}/users/me`, { json: profile, token: held(person, 'access') })
}

/**
 * The service as its wrangler.toml deploys it, with all limits multiplied, and with mails printed instead of
 * sent.
 */
export const latchkey: Contender = {
  name: 'latchkey',
  title: 'Latchkey',
  configPath: 'wrangler.toml',
  schema: 'migrations',
  doesNot: '—',
  renewAfterMinutes: 10,
  keysPath: '/.well-known/jwks.json',
  tokens: () => ({ issuer: ISSUER, audience: 'latchkey' }),
  vars: () => ({
    ROOT_KEYS: `1:${randomBytes(32).toString('base64url')}`,
    ISSUER,
    LIMIT_FACTOR: '1000',
    MAIL_TRANSPORT: 'console',
    // The other contenders write no log line for a request. It costs a tenth of a read.
    REQUEST_LOG: 'problems',
  }),
  register,
  signIn,
  operations: {
    register: {
      does: 'POST /auth/register',
      run: (http, { password }) =>
        http.send(201, 'POST', `${API}/auth/register`, { json: { email: newEmail(), password } }),
    },
    'sign-in': { does: 'POST /auth/login', run: signIn },
    refresh: {
      does: 'POST /auth/refresh',
      async run(http, person) {
        const json = { refresh_token: held(person, 'refresh') }
        keepTokens(person, await http.send(200, 'POST', `${API}/auth/refresh`, { json }))
      },
    },
    profile: {
      does: 'GET /users/me',
      run: (http, person) => http.send(200, 'GET', `${API}/users/me`, { token: held(person, 'access') }),
    },
    session: {
      does: 'GET /auth/session',
      run: (http, person) => http.send(200, 'GET', `${API}/auth/session`, { token: held(person, 'access') }),
    },
    update: {
      does: 'PUT /users/me, one field',
      run: (http, person) =>
        http.send(200, 'PUT', `${API}/users/me`, {
          json: { full_name: `Ada ${performance.now()}` },
          token: held(person, 'access'),
        }),
    },
    sessions: {
      does: 'GET /users/me/sessions',
      run: (http, person) => http.send(200, 'GET', `${API}/users/me/sessions`, { token: held(person, 'access') }),
    },
    activity: {
      does: 'GET /users/me/activity, the newest 20',
      run: (http, person) =>
        http.send(200, 'GET', `${API}/users/me/activity?limit=20`, { token: held(person, 'access') }),
    },
    'token-check': {
      does: 'ES256 with jose, at another Worker',
      servedBy: 'resource-server',
      run: (http, person) => http.send(200, 'GET', '/check/latchkey', { token: held(person, 'access') }),
    },
    export: {
      does: 'POST /users/me/export, wait, download',
      // Needs a recent sign-in.
      prepare: signIn,
      run: exportAll,
    },
  },
}

const MAX_ASKED = 500
const PAUSE_MS = 10

async function exportAll(http: Http, person: Person): Promise<void> {
  const token = held(person, 'access')
  const asked = await http.send(202, 'POST', `${API}/users/me/export`, { token })
  const { id } = JSON.parse(asked.text)
  for (let i = 0; i < MAX_ASKED; i++) {
    const { text } = await http.send(200, 'GET', `${API}/users/me/export/${id}`, { token })
    const { download } = JSON.parse(text)
    if (download !== undefined) {
      await http.send(200, 'GET', download, { token })
      return
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Error('the export was never ready')
}
