import type { newAuthenticator } from '../../test/support/authenticator.ts'
import { betterAuths } from '../contenders/better-auth/contender.ts'
import { latchkey } from '../contenders/latchkey/contender.ts'
import { type Answer, type Http, held, type Person } from '../support/contender.ts'
import type { CrowdContender } from '../support/crowds.ts'

export type Authenticator = ReturnType<typeof newAuthenticator>

/** A sign-in that is measured: with a passkey, or with the password. */
export interface SignInContender extends CrowdContender {
  /** Registers the person, and adds a passkey of this authenticator. */
  enrol(http: Http, person: Person, authenticator: Authenticator): Promise<void>
  /** All requests of one sign-in. */
  signIn(http: Http, person: Person, authenticator: Authenticator): Promise<void>
}

/** The origin of both services, whatever port a run has. */
export const ORIGIN = 'http://localhost:8787'
const LATCHKEY = '/api/v1'
const BETTER_AUTH = '/api/auth'
const headers = { origin: ORIGIN }

const ours = {
  configPath: latchkey.configPath,
  schemas: ['migrations'],
  // Where no mail leaves, an account whose address nobody has proven can have a second factor.
  vars: () => ({ ...latchkey.vars?.(), MAIL_TRANSPORT: 'off' }),
  async enrol(http, person, authenticator) {
    await latchkey.register(http, person)
    const token = held(person, 'access')
    const begun = await http.send(200, 'POST', `${LATCHKEY}/users/me/passkeys/options`, { token })
    const { ticket, public_key } = JSON.parse(begun.text)
    const json = { ticket, credential: await authenticator.create(public_key) }
    await http.send(201, 'POST', `${LATCHKEY}/users/me/passkeys`, { token, json })
  },
} satisfies Partial<SignInContender>

const withPassword: SignInContender = {
  ...ours,
  name: 'latchkey-password',
  title: 'Latchkey, password',
  signIn: async (http, person) => void (await latchkey.signIn(http, person)),
}

const withPasskey: SignInContender = {
  ...ours,
  name: 'latchkey-passkey',
  title: 'Latchkey, passkey',
  async signIn(http, _, authenticator) {
    const begun = await http.send(200, 'POST', `${LATCHKEY}/auth/passkey/options`, { json: {} })
    const { ticket, public_key } = JSON.parse(begun.text)
    const json = { ticket, credential: await authenticator.get(public_key) }
    const { text } = await http.send(200, 'POST', `${LATCHKEY}/auth/passkey`, { json })
    if (!text.includes('"access_token"')) throw new Error(`no session: ${text.slice(0, 200)}`)
  },
}

const [onD1] = betterAuths
if (onD1 === undefined) throw new Error('better-auth is no contender')

const theirs: SignInContender = {
  name: 'better-auth-passkey',
  title: 'better-auth on D1, plugin for passkeys',
  configPath: 'bench/contenders/better-auth/passkey.toml',
  schemas: ['schema.sql', 'passkey.sql'].map((name) => `bench/contenders/better-auth/${name}`),
  vars: onD1.vars,
  async enrol(http, person, authenticator) {
    await onD1.register(http, person)
    const session = held(person, 'cookie')
    const begun = await http.send(200, 'GET', `${BETTER_AUTH}/passkey/generate-register-options`, { cookie: session })
    const json = { response: await authenticator.create(JSON.parse(begun.text)) }
    const cookie = `${session}; ${cookiesOf(begun)}`
    await http.send(200, 'POST', `${BETTER_AUTH}/passkey/verify-registration`, { cookie, headers, json })
  },
  async signIn(http, _, authenticator) {
    const begun = await http.send(200, 'GET', `${BETTER_AUTH}/passkey/generate-authenticate-options`)
    const json = { response: await authenticator.get(JSON.parse(begun.text)) }
    const path = `${BETTER_AUTH}/passkey/verify-authentication`
    const { text } = await http.send(200, 'POST', path, { cookie: cookiesOf(begun), headers, json })
    if (!text.includes('"session"')) throw new Error(`no session: ${text.slice(0, 200)}`)
  },
}

const cookiesOf = ({ headers }: Answer): string =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0] ?? '')
    .join('; ')

/** In the order of the table. The ratios are to the first one. */
export const signInContenders: readonly SignInContender[] = [withPassword, theirs, withPasskey]
