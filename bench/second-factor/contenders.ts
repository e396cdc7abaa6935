import { betterAuths } from '../contenders/better-auth/contender.ts'
import { latchkey } from '../contenders/latchkey/contender.ts'
import { type Answer, type Http, held, type Person } from '../support/contender.ts'
import type { CrowdContender } from '../support/crowds.ts'

/** A service whose sign-in has a second step: a code of an authenticator app (TOTP). */
export interface TwoStepContender extends CrowdContender {
  /** Registers the person and adds an authenticator app. @param codeOf the code of a secret in base32 */
  enrol(http: Http, person: Person, codeOf: (secret: string) => string): Promise<void>
  /** The first step. @returns the second step, with a code */
  signIn(http: Http, person: Person): Promise<(code: string) => Promise<unknown>>
}

const LATCHKEY = '/api/v1'
const BETTER_AUTH = '/api/auth'
/** better-auth asks for it where a request has a cookie. */
const headers = { origin: 'http://127.0.0.1' }

const ours: TwoStepContender = {
  ...latchkey,
  schemas: ['migrations'],
  // Where no mail leaves, an account whose address nobody has proven can have a second factor.
  vars: () => ({ ...latchkey.vars?.(), MAIL_TRANSPORT: 'off' }),
  async enrol(http, person, codeOf) {
    await latchkey.register(http, person)
    const token = held(person, 'access')
    const begun = await http.send(200, 'POST', `${LATCHKEY}/users/me/totp/options`, { token })
    const { ticket, secret } = JSON.parse(begun.text)
    await http.send(201, 'POST', `${LATCHKEY}/users/me/totp`, { token, json: { ticket, code: codeOf(secret) } })
    person.held.secret = secret
  },
  async signIn(http, { email, password }) {
    const first = await http.send(200, 'POST', `${LATCHKEY}/auth/login`, { json: { email, password } })
    const { mfa_token } = JSON.parse(first.text)
    return async (totp) => {
      const { text } = await http.send(200, 'POST', `${LATCHKEY}/auth/mfa`, { json: { mfa_token, totp } })
      if (!text.includes('"access_token"')) throw new Error(`no session: ${text.slice(0, 200)}`)
    }
  },
}

const [onD1] = betterAuths
if (onD1 === undefined) throw new Error('better-auth is no contender')

const theirs: TwoStepContender = {
  name: 'better-auth-two-factor',
  title: 'better-auth on D1, plugin for two factors',
  configPath: 'bench/contenders/better-auth/two-factor.toml',
  schemas: ['schema.sql', 'two-factor.sql'].map((name) => `bench/contenders/better-auth/${name}`),
  vars: onD1.vars,
  async enrol(http, person, codeOf) {
    await onD1.register(http, person)
    const { password } = person
    const cookie = held(person, 'cookie')
    const begun = await http.send(200, 'POST', `${BETTER_AUTH}/two-factor/enable`, {
      cookie,
      headers,
      json: { password },
    })
    const secret = new URL(JSON.parse(begun.text).totpURI).searchParams.get('secret') ?? ''
    const json = { code: codeOf(secret) }
    await http.send(200, 'POST', `${BETTER_AUTH}/two-factor/verify-totp`, { cookie, headers, json })
    person.held.secret = secret
  },
  async signIn(http, { email, password }) {
    const first = await http.send(200, 'POST', `${BETTER_AUTH}/sign-in/email`, { json: { email, password } })
    if (!first.text.includes('"twoFactorRedirect":true')) throw new Error(`no second step: ${first.text}`)
    const cookie = cookiesOf(first)
    return async (code) => {
      const path = `${BETTER_AUTH}/two-factor/verify-totp`
      const { text } = await http.send(200, 'POST', path, { cookie, headers, json: { code } })
      if (!text.includes('"token"')) throw new Error(`no session: ${text.slice(0, 200)}`)
    }
  },
}

/** Without the cookies that the answer deletes. */
function cookiesOf({ headers }: Answer): string {
  const pairs = [headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0] ?? '')
  return pairs.filter((pair) => !pair.endsWith('=')).join('; ')
}

/** In the order of the table. */
export const twoStepContenders: readonly TwoStepContender[] = [theirs, ours]
