import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProfileField, profileFields } from '../../src/core/profile.ts'
import { totpCode } from '../../src/crypto/totp.ts'
import { newAuthenticator } from '../support/authenticator.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { change } from '../support/local-database.ts'
import { danceWith, type OidcProvider, settingsFor, startOidcProvider } from '../support/oidc-provider.ts'
import { findSpellings, scanFolder, spellings } from '../support/spellings.ts'

const execFileAsync = promisify(execFile)

const profile = {
  full_name: 'Wilhelmina Quagswagging O’Canary',
  phone_number: '+499007199254740',
  avatar_url: 'https://pictures.example/canary-avatar-5Jx?size=large',
  bio: 'Breeds canaries named Xanthippe & Ozymandias.',
} as const satisfies Record<Exclude<ProfileField, 'preferences'>, string>

// What a person sends to the service, in the form in which it is stored. Each value is too long and unusual
// to occur by chance.
const personal = {
  email: 'Canary.Quillfeather.7Hq@zyxomma-petiolatum.example',
  domain: 'zyxomma-petiolatum.example',
  ...profile,
  preference: 'preferred-perch-Lignumvitae',
  note: 'Rang on Thursday about her aviary in Ulverston',
  user_agent: 'CanaryBrowser/42.17 (Feathered; rv:9)',
  ip: '2001:db8:ca:9a21:feed:beef:dead:c0de',
  provider_id: 'canary-at-the-provider-Xyloid-4Kw',
  other_provider_id: 'canary-elsewhere-Phrontistery-8Zp',
  social_email: 'Social.Canary.6Bd@quodlibet-tarantism.example',
  passkey_name: 'Passkey-in-the-Quernstone-Drawer-2Lm',
  new_email: 'Another.Canary.3Vt@fescennine-quomodocunquize.example',
}
const secrets = {
  password: 'Mauve-Canary-Xylophone-83',
  wrong_password: 'Ochre-Canary-Glockenspiel-61',
  new_password: 'Puce-Canary-Sousaphone-27',
  application_state: 'Taupe-Canary-Vibraphone-19',
  code_verifier: 'Ecru-Canary-Bandoneon-44-Ecru-Canary-Bandoneon-44',
}
/** A person who never registered, and the form of the address that is indexed. */
const strangers = {
  unknown_email: 'stranger.Vexillology@unknown-canary.example',
  sign_up_email: 'newcomer.Zugzwang@abandoned-canary.example',
  local_part: 'canary.quillfeather.7hq',
}

const APP = 'http://127.0.0.1:49153/signed-in'

/** The columns with personal data for seconds. The journey fills them, and finds them empty again. */
const PASSING_COLUMNS = ['mail_requests.address_enc']

/** The other columns with personal data. The journey fills all of them. */
const ENCRYPTED_COLUMNS = {
  users: ['email_enc'],
  user_profiles: profileFields.map((field) => `${field}_enc`),
  sessions: ['device_enc'],
  one_time_tokens: ['payload_enc'],
  mail_jobs: ['email_enc', 'payload_enc'],
  social_logins: ['provider_id_enc'],
  passkeys: ['details_enc'],
  totp_factors: ['secret_enc'],
  oauth_flows: ['provider_id_enc'],
  audit_events: ['pii_enc', 'note_enc'],
}

describe('a scan', () => {
  it.each(Object.entries({ ...personal, ...secrets, key: randomBytes(32) }))(
    'sees every spelling of %s',
    (_, secret) => {
      for (const [name, spelling] of spellings(secret)) {
        expect(spelling.length, name).toBeGreaterThan(12)
        const haystack = Buffer.concat([randomBytes(1000), spelling, randomBytes(1000)])
        expect(findSpellings(haystack, secret), name).toContain(name)
      }
      expect(findSpellings(randomBytes(100_000), secret)).toEqual([])
    },
  )

  it.each([0, 1, 2, 3, 4])('sees base64 of a text that starts at byte %i of another', (offset) => {
    const text = Buffer.concat([randomBytes(offset), Buffer.from(personal.email), randomBytes(7)])
    for (const encoding of ['base64', 'base64url'] as const) {
      const haystack = Buffer.from(text.toString(encoding))
      expect(findSpellings(haystack, personal.email)).toContain(`${encoding}+${offset % 3}`)
    }
  })
})

describe('what the service keeps of a person', () => {
  let folder: string
  let home: OidcProvider
  let service: DevService
  let leaky: DevService
  let sessionId: string
  let found: string[]

  // Two services side by side: the real one, and one whose field cipher is the identity function. The second
  // proves that the journey leaves traces in the places that the scan reads.
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-leaky-'))
    const configPath = copyWithoutEncryption(folder)
    home = await startOidcProvider()
    const settings = { ...settingsFor(home), EMAIL_SIGN_IN: 'on' }
    const starts = await Promise.allSettled([startDevService({ settings }), startDevService({ configPath, settings })])
    const services = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
    ;[service, leaky] = services as [DevService, DevService]
    if (services.length !== 2) throw new AggregateError(starts.map((start) => 'reason' in start && start.reason))
    home.serve(services.map(({ origin }) => `${origin}/api/v1/auth/oauth/acme/callback`))
    const [journey] = await Promise.all([walk(service), walk(leaky)])
    await walkThroughProvider(service.origin, home)
    await walkThroughProvider(leaky.origin, home)
    const ofProvider = Object.fromEntries(home.tokens.map((token, i) => [`provider's token ${i}`, token]))
    expect(home.tokens).toHaveLength(4)
    sessionId = journey.sessionId
    // Once while the service runs, for temporary files that are deleted with the process, and once after it
    // has stopped.
    const everything = {
      ...personal,
      ...secrets,
      ...strangers,
      ...journey.tokens,
      ...ofProvider,
      root_key: service.rootKey,
    }
    const whileRunning = scanFolder(service.written, everything)
    await Promise.all([service.stop(), leaky.stop()])
    found = [...new Set([...whileRunning, ...scanFolder(service.written, everything)])]
  }, 90_000)

  afterAll(async () => {
    await Promise.all([service, leaky, home].map((started) => started?.[Symbol.asyncDispose]()))
    rmSync(folder, { recursive: true, force: true })
  })

  it('D1 M8 is unreadable in every store and every log', () => {
    expect(found).toEqual([])
  })

  it('is there all the same: every encrypted column is filled', () => {
    const database = openDatabase(service)
    for (const [table, columns] of Object.entries(ENCRYPTED_COLUMNS)) {
      for (const column of columns) {
        const rows = database.prepare(`SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL`).all()
        expect(rows.length, `${table}.${column}`).toBeGreaterThan(0)
        for (const { value } of rows) expect(value).toMatch(/^v2\.[\w-]{16}\.[\w-]{22,}$/)
      }
    }
    database.close()
  })

  it('is filled in every encrypted column that there is', () => {
    const database = openDatabase(service)
    const columns = database
      .prepare(
        `SELECT t.name || '.' || c.name AS name FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND c.name LIKE '%\\_enc' ESCAPE '\\'`,
      )
      .all()
      .map(({ name }) => name)
    const expected = Object.entries(ENCRYPTED_COLUMNS).flatMap(([table, names]) =>
      names.map((name) => `${table}.${name}`),
    )
    expect(columns.sort()).toEqual([...expected, ...PASSING_COLUMNS].sort())
    database.close()
  })

  it('left a session, a snapshot, a tombstone and a wrapped key in the scanned stores', () => {
    const files = globSync('**/*', { cwd: service.state })
    for (const store of ['d1', 'kv', 'r2'])
      expect(files.join('\n')).toMatch(new RegExp(`^v3/${store}/.*(sqlite|blobs/)`, 'm'))
    const database = openDatabase(service)
    const actions = database.prepare('SELECT DISTINCT action FROM audit_events ORDER BY 1').all()
    expect(actions.map(({ action }) => action)).toEqual([
      ...['identity.linked', 'legal_hold.placed', 'operator.audit_searched', 'operator.user_viewed'],
      ...['operator.users_searched', 'passkey.added', 'profile.updated', 'recovery_code.used', 'recovery_codes.made'],
      ...['session.ended', 'session.refreshed', 'session.stepped_up', 'totp.added', 'two_step.due', 'two_step.enabled'],
      ...['user.email_change_requested', 'user.password_reset_requested', 'user.reauthentication_failed'],
      ...['user.registered', 'user.registration_refused', 'user.role_granted', 'user.second_factor_asked'],
      ...['user.second_factor_failed', 'user.sign_in_code_requested', 'user.sign_in_failed', 'user.signed_in'],
      'user.verification_requested',
    ])
    database.close()
    const ids = scanFolder(service.state, { sessionId })
    expect(ids.some((line) => /^v3\/kv\/.*\(plain\)$/.test(line))).toBe(true)
  })

  it.each(Object.keys(personal).filter((name) => name !== 'domain'))(
    'would be found without encryption: %s',
    (name) => {
      const secret = personal[name as keyof typeof personal]
      const hits = scanFolder(leaky.state, { secret })
      expect(hits.some((line) => line.startsWith('v3/d1/'))).toBe(true)
    },
  )
})

interface Journey {
  readonly sessionId: string
  /** The secret parts of the tokens that were issued. */
  readonly tokens: Readonly<Record<string, string | Buffer>>
}

/** Everything that a client can do, including failures. */
async function walk(service: DevService): Promise<Journey> {
  const { origin } = service
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    token?: string,
    expected = 200,
    ip = personal.ip,
  ) => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        'user-agent': personal.user_agent,
        'cf-connecting-ip': ip,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status !== expected) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    // The body of an error must not contain data about the person either.
    if (response.status >= 400) expect(findAll(text)).toEqual([])
    return text === '' ? {} : JSON.parse(text)
  }
  const { email, full_name, phone_number, avatar_url, bio, preference } = personal
  const { password, wrong_password } = secrets
  const preferences = { [preference]: preference }
  const account = { email, password, full_name, phone_number, preferences }

  await send('POST', '/auth/register', { ...account, avatar_url, role: full_name }, undefined, 422)
  await send('POST', '/auth/register', { ...account, password: `${email}!` }, undefined, 422)
  await send('POST', '/auth/register', account, undefined, 201)
  await send('POST', '/auth/register', account, undefined, 409)
  await send('POST', '/auth/login', { email, password: wrong_password }, undefined, 401)
  await send('POST', '/auth/login', { email: strangers.unknown_email, password }, undefined, 401)
  await send('POST', '/auth/login', { email: [email], password }, undefined, 422)
  const first = await send('POST', '/auth/login', { email, password })
  await send('GET', '/users/me', undefined, first.access_token)
  await send('PATCH', '/users/me', { avatar_url, bio }, first.access_token)
  await send('PUT', '/users/me', { ...profile, preferences }, first.access_token)
  await send('PUT', '/users/me', { phone_number: full_name }, first.access_token, 422)
  await send('GET', '/auth/session', undefined, first.access_token)
  await send('GET', '/users/me/sessions', undefined, first.access_token)
  await send('POST', '/auth/verify-email/resend', { email }, undefined, 202)
  await send('POST', '/auth/reset-password', { email }, undefined, 202)
  await send('POST', '/auth/reset-password', { email: strangers.unknown_email }, undefined, 202)
  const signUp = { email: strangers.sign_up_email, full_name }
  const { request } = await send('POST', '/auth/sign-up', signUp, undefined, 202)
  await send('POST', '/auth/email/confirm', { request, code: '00000000' }, undefined, 400)
  await send('POST', '/auth/step-up', { password: wrong_password }, first.access_token, 401)
  await send('POST', '/auth/step-up', { password }, first.access_token)
  await send('POST', '/users/me/email', { new_email: personal.new_email }, first.access_token, 202)
  await send(
    'POST',
    '/users/me/password',
    { current_password: wrong_password, new_password: secrets.new_password },
    first.access_token,
    401,
  )
  const verifier = secrets.code_verifier
  const here = { return_to: 'http://localhost:3000/signed-in', state: secrets.application_state }
  const digest = createHash('sha256').update(verifier).digest('base64url')
  const wish = { ...here, code_challenge: digest, code_challenge_method: 'S256' }
  await send('GET', `/auth/return?${new URLSearchParams(wish)}`)
  const proof = { refresh_token: first.refresh_token }
  const { location } = await send('POST', '/auth/return', { ...wish, ...proof }, first.access_token)
  const returned = new URL(location).searchParams.get('code') ?? ''
  const redeemed = { code: returned, code_verifier: verifier, redirect_uri: here.return_to }
  await send('POST', '/auth/oauth/token', { ...redeemed, code_verifier: 'v'.repeat(43) }, undefined, 400)
  const continued = await send('POST', '/auth/oauth/token', redeemed)
  // From another network, so that it is recorded.
  const moved = '198.51.100.42'
  const second = await send('POST', '/auth/refresh', { refresh_token: first.refresh_token }, undefined, 200, moved)
  await send(
    'POST',
    '/auth/refresh',
    { refresh_token: `${second.refresh_token.slice(0, -9)}AAAAAAAAA` },
    undefined,
    401,
  )
  await send('POST', '/auth/logout', { refresh_token: second.refresh_token }, undefined, 204)
  await send('GET', '/users/me', undefined, second.access_token, 401)
  const third = await send('POST', '/auth/login', { email, password })
  await send('POST', '/auth/logout', {}, third.access_token, 204)
  await grantAdmin(service, email)
  const operator = await send('POST', '/auth/login', { email, password })
  const { id } = operator.user
  const device = newAuthenticator({ origin: service.origin })
  const wanted = await send('POST', '/users/me/passkeys/options', undefined, operator.access_token)
  const passkey = {
    ticket: wanted.ticket,
    credential: await device.create(wanted.public_key),
    name: personal.passkey_name,
  }
  await send('POST', '/users/me/passkeys', passkey, operator.access_token, 201)
  const challenged = await send('POST', '/auth/passkey/options')
  const answer = { ticket: challenged.ticket, credential: await device.get(challenged.public_key) }
  await send('POST', '/auth/passkey', answer)
  const offer = await send('POST', '/users/me/totp/options', undefined, operator.access_token)
  const code = totpCode(offer.secret, Date.now())
  const added = { ticket: offer.ticket, code }
  const { recovery_codes: codes } = await send('POST', '/users/me/totp', added, operator.access_token, 201)
  // The session has two factors now, as operators' routes need. The access token of before names one.
  const raised = await send('POST', '/auth/refresh', { refresh_token: operator.refresh_token })
  const reveal = 'reveal=true&reason=support_case'
  const operation = { action: 'place', reason: 'legal_claim', note: personal.note }
  await send('GET', `/admin/users?email=${encodeURIComponent(email)}`, undefined, raised.access_token)
  await send('GET', `/admin/users/${id}?${reveal}`, undefined, raised.access_token)
  await send('POST', `/admin/users/${id}/legal-hold`, operation, raised.access_token)
  await send('POST', `/admin/users/${id}/legal-hold`, operation, raised.access_token, 409)
  await send('GET', `/admin/audit?subject=${id}&${reveal}`, undefined, raised.access_token)
  const asked = await send('POST', '/auth/login', { email, password })
  const wrong = { mfa_token: asked.mfa_token, recovery_code: codes[0].replaceAll('-', '').slice(1) }
  await send('POST', '/auth/mfa', wrong, undefined, 401)
  const last = await send('POST', '/auth/mfa', { mfa_token: asked.mfa_token, recovery_code: codes[0] })
  // The first factor has voided what was requested before it.
  await send('POST', '/users/me/email', { new_email: personal.new_email }, last.access_token, 202)
  await send('POST', '/auth/logout', { refresh_token: raised.refresh_token }, undefined, 204)
  const factors = {
    return_code: returned.split('.').at(-1) ?? '',
    sign_up_request: request.split('.').at(-1),
    totp_secret: offer.secret,
    used_recovery_code: codes[0],
    recovery_code: codes[1],
    recovery_code_as_compared: codes[1].replaceAll('-', ''),
    passkey_ticket: wanted.ticket.split('.').at(-1),
    passkey_sign_in_ticket: challenged.ticket.split('.').at(-1),
    totp_ticket: offer.ticket.split('.').at(-1),
    mfa_ticket: asked.mfa_token.split('.').at(-1),
  }
  const [, sessionId = ''] = /^lk_rt_([0-9a-f-]{36})\./.exec(first.refresh_token) ?? []
  return { sessionId, tokens: { ...usableParts({ first, continued, second, third, operator, raised }), ...factors } }
}

/** As an operator grants the role to the first admin, while the service runs. */
/** The operator has proven the address, so that factors can be added. */
async function grantAdmin(service: DevService, email: string): Promise<void> {
  const { state, rootKey } = service
  const ROOT_KEYS = `1:${rootKey.toString('base64url')}`
  const options = { env: { ...process.env, ROOT_KEYS } }
  const { stdout } = await execFileAsync(
    process.execPath,
    ['src/cli/latchkey.js', 'admin', 'grant', email, '--persist-to', state],
    options,
  )
  expect(stdout).toContain('is an admin now.')
  change(service, 'UPDATE users SET is_verified = 1 WHERE id IN (SELECT user_id FROM user_roles)')
}

/** Signs in with a provider, and links a second identity. */
async function walkThroughProvider(origin: string, home: OidcProvider): Promise<void> {
  const dance = async (sub: string, link?: string) => {
    const email = { email: personal.social_email, email_verified: true }
    home.setResident({ sub, ...email, name: personal.full_name, picture: personal.avatar_url })
    return danceWith(origin, 'acme', { redirectUri: APP, link, headers: { 'user-agent': personal.user_agent } })
  }
  const send = async (path: string, { body, token = '' }: { body?: unknown; token?: string }) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const response = await fetch(`${origin}/api/v1${path}`, {
      method: 'POST',
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json() as Promise<{ access_token: string; link: string }>
  }
  const { access_token: token } = await send('/auth/oauth/token', {
    body: (await dance(personal.provider_id)).exchange,
  })
  const { link } = await send('/users/me/identities/acme/start', { token })
  await send('/users/me/identities', { token, body: (await dance(personal.other_provider_id, link)).exchange })
}

/** The MAC of each refresh token and the signature of each access token, as text and as bytes. */
function usableParts(answers: Record<string, { access_token: string; refresh_token: string }>) {
  const parts = Object.entries(answers).flatMap(([name, { access_token, refresh_token }]) =>
    Object.entries({ access: access_token, refresh: refresh_token }).flatMap(([kind, token]) => {
      const proof = token.slice(token.lastIndexOf('.') + 1)
      return [
        [`${name} ${kind} token`, proof],
        [`${name} ${kind} token's bytes`, Buffer.from(proof, 'base64url')],
      ]
    }),
  )
  return Object.fromEntries(parts) as Record<string, string | Buffer>
}

const findAll = (text: string) =>
  Object.values({ ...personal, ...secrets, ...strangers }).flatMap((secret) => findSpellings(Buffer.from(text), secret))

/**
 * A copy of the service whose field cipher writes plain text.
 * @returns the path of its configuration
 */
function copyWithoutEncryption(folder: string): string {
  for (const name of ['src', 'migrations', 'wrangler.toml', 'package.json']) {
    cpSync(name, join(folder, name), { recursive: true })
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const identity = `
    export class CiphertextError extends Error {}
    export const encryptField = async (_key, _place, text) => text
    export const decryptField = async (_key, _place, stored) => stored
    export const isUnbound = () => false`
  writeFileSync(join(folder, 'src/crypto/field-cipher.ts'), identity)
  return join(folder, 'wrangler.toml')
}

function openDatabase({ state }: DevService): DatabaseSync {
  const [path] = globSync('v3/d1/miniflare-D1DatabaseObject/*.sqlite', { cwd: state }).filter(
    (name) => !name.endsWith('metadata.sqlite'),
  )
  return new DatabaseSync(join(state, path ?? 'missing'))
}
