import { routes } from '../../src/app/all-routes.ts'
import { newTimeOrderedId, sessionIdSchema, userIdSchema } from '../../src/core/ids.ts'
import type { TokenPurpose } from '../../src/core/token-text.ts'
import { mailCodeOf } from '../../src/crypto/mail-code.ts'
import { mintOneTimeToken } from '../../src/crypto/one-time-token.ts'
import { sealTicket } from '../../src/crypto/ticket.ts'
import { newTotpSecret } from '../../src/crypto/totp.ts'
import type { Route } from '../../src/http/contract/definition.ts'
import { examples } from '../../src/http/examples/examples.ts'
import { sealTokenPayload } from '../../src/storage/database/one-time-tokens.ts'
import { type SubjectRow, sealSubject } from '../../src/storage/database/social-logins.ts'
import { type Call, call, PASSWORD, type Person, post } from './api.ts'
import { giveReset } from './factor-resets.ts'
import { jobContext } from './job-context.ts'
import { answerChallenge, answerEnrolment, givePasskey, newDevice, passkeyOptions, storePasskey } from './passkeys.ts'
import { codeOf, enrolmentOf, giveTotp } from './second-factors.ts'
import { s256 } from './social.ts'
import { change, prove, row } from './stores.ts'

export type RouteName = `${string} ${string}`

/** The name of a route, such as `POST /api/v1/auth/login`, for every route. */
export const routeNames = routes.map(({ method, path }): RouteName => `${method} ${path}`)

export interface PreparedRequest {
  readonly path: string
  readonly call: Call
}

/** The sample request of a person to the route of this name. */
export async function prepareRequest(name: string, person: Person): Promise<PreparedRequest> {
  const route = routes.find(({ method, path }) => `${method} ${path}` === name)
  if (route === undefined) throw new Error(`${name} is no route`)
  return requestFor(route, person)
}

/** Builds a request from the contract of a route: method, path, access and examples. */
export async function requestFor(route: Route, person: Person): Promise<PreparedRequest> {
  const { method, access, operation } = route
  if (!/public|admin/.test(access) && operation?.problems?.includes('email_unverified')) await prove(person)
  const body = await enliven(operation?.example?.(), { route, person })
  const query = operation?.exampleQuery?.() as Record<string, string> | undefined
  const path = await fillIn(route.path, person)
  return {
    path: query === undefined ? path : `${path}?${new URLSearchParams(query)}`,
    call: { method, ...(body !== undefined && { body }), ...(access !== 'public' && { token: person.accessToken }) },
  }
}

/**
 * Values that a contract cannot contain: ids of existing things, by the path segment before the parameter.
 */
const liveParameters: Readonly<Record<string, (person: Person) => string | Promise<string>>> = {
  'users/:id': ({ id }) => id,
  'erasures/:user_id': ({ id }) => id,
  // A placeholder for an import, which test/support/trials.ts opens.
  'imports/:id': ({ id }) => id,
  'sessions/:id': async ({ id }) => String((await row('SELECT id FROM sessions WHERE user_id = ? LIMIT 1', id)).id),
  'identities/:id': (person) => giveIdentity(person),
  'passkeys/:id': (person) => storePasskey(person),
  'export/:id': requestExport,
  'activity/:id': async ({ id }) =>
    String((await row('SELECT id FROM audit_events WHERE subject_id = ? LIMIT 1', id)).id),
  ':provider': () => 'github',
  ':document': () => examples.consent().document,
  // A tile of the log, if the log has an entry.
  'tile/*': () => '0/000.p/1',
}

/** The path with the ids of existing things of this person. */
export async function fillIn(pattern: string, person: Person): Promise<string> {
  const segments = pattern.split('/').map((segment, at, all) => {
    if (!segment.startsWith(':') && segment !== '*') return segment
    const live = liveParameters[`${all[at - 1]}/${segment}`] ?? liveParameters[segment]
    if (live === undefined) throw new Error(`nothing that lives is known for ${segment} of ${pattern}`)
    return live(person)
  })
  return (await Promise.all(segments)).join('/')
}

interface Occasion {
  readonly route: Route
  readonly person: Person
}

/** Values that a contract cannot contain: valid tokens, by the invented ones of the examples. */
const liveTokens: Readonly<Record<string, (occasion: Occasion) => string | Promise<string>>> = {
  [examples.refreshToken]: ({ person }) => person.refreshToken,
  [examples.oneTimeToken('verify')]: ({ person }) => giveToken(person, 'verify'),
  [examples.oneTimeToken('reset')]: ({ person }) => giveToken(person, 'reset'),
  [examples.oneTimeToken('undo')]: ({ person }) => giveToken(person, 'undo', `old-${person.email}`),
  [examples.oneTimeToken('keep')]: async ({ person }) => {
    await giveReset(person)
    return giveToken(person, 'keep')
  },
  [examples.oneTimeToken('unkey')]: async ({ person }) => {
    const id = await storePasskey(person)
    return giveToken(person, 'unkey', undefined, id)
  },
  [examples.oneTimeToken('restore')]: async ({ person }) => {
    await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
    return giveToken(person, 'restore')
  },
  [examples.password]: () => PASSWORD,
  [examples.email]: ({ route, person }) => (takesNewAddress(route) ? freshAddress(examples.email) : person.email),
}

export const takesNewAddress = ({ operation }: Route): boolean => operation?.problems?.includes('email_taken') === true

let counter = 0
const freshAddress = (address: string): string => `sample${++counter}-${address}`

/**
 * Replaces invented values of an example by valid ones. `dry_run` becomes false, because otherwise the
 * request would change nothing.
 */
async function enliven(example: unknown, occasion: Occasion): Promise<unknown> {
  if (typeof example === 'string')
    return liveTokens[example]?.(occasion) ?? (example.endsWith('@example.com') ? freshAddress(example) : example)
  if (Array.isArray(example)) return Promise.all(example.map((item) => enliven(item, occasion)))
  if (typeof example !== 'object' || example === null) return example
  if ('request' in example && 'code' in example) return giveMailRequest(occasion.person)
  if ('sign_up_token' in example) return giveSignUp(example)
  if ('enrolment_token' in example) return giveEnrolment(occasion.person, example)
  if ('credential' in example) return giveCredential(example, occasion)
  if ('ticket' in example) return giveTotpTicket(occasion.person)
  if ('mfa_token' in example) return giveSecondStep(occasion.person)
  if ('code_verifier' in example)
    return giveCode(occasion.person, occasion.route.access === 'public' ? 'sign-in' : 'link')
  const members = Object.entries(example).map(async ([name, value]) => [
    name,
    name === 'dry_run' ? false : await enliven(value, occasion),
  ])
  return Object.fromEntries(await Promise.all(members))
}

async function requestExport(person: Person): Promise<string> {
  await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
  const { id } = await row('SELECT id FROM exports WHERE user_id = ? ORDER BY rowid DESC LIMIT 1', person.id)
  return String(id)
}

/**
 * A one-time token as in a mail.
 * @param email the address that it contains, if its purpose has one
 */
export async function giveToken(
  person: Person,
  purpose: TokenPurpose,
  email?: string,
  id: string = crypto.randomUUID(),
): Promise<string> {
  const { ring, vault } = await jobContext()
  const userId = userIdSchema.parse(person.id)
  const lookup = await vault.find(userId)
  const payload =
    email && lookup.kind === 'found' ? await sealTokenPayload(lookup.key, { tokenId: id, userId }, email) : null
  await change(
    `INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at, payload_enc)
     VALUES (?, ?, ?, ?, ?, ?)`,
    id,
    person.id,
    purpose,
    Date.now(),
    Date.now() + 60_000,
    payload,
  )
  return mintOneTimeToken(ring, purpose, id)
}

/** The answer of an authenticator to the challenge of a valid ticket. */
async function giveCredential(example: object, { route, person }: Occasion): Promise<object> {
  if (route.path === '/api/v1/auth/passkey') {
    const { device } = await givePasskey(person)
    return answerChallenge(device)
  }
  const { body } = await passkeyOptions(person)
  return { ...example, ticket: body.ticket, credential: await newDevice().create(body.public_key) }
}

/** A secret that was offered to the newest session of a person, and a code that confirms it. */
async function giveTotpTicket(person: Person): Promise<{ ticket: string; code: string }> {
  const { ring } = await jobContext()
  const secret = newTotpSecret()
  const { id: sessionId } = await row(
    'SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at LIMIT 1',
    person.id,
  )
  const ticket = await sealTicket(ring, 'totp-add', {
    id: crypto.randomUUID(),
    userId: userIdSchema.parse(person.id),
    secret,
    holder: { sessionId: sessionIdSchema.parse(sessionId) },
    expiresAtMs: Date.now() + 600_000,
  })
  return { ticket, code: codeOf(secret) }
}

/** A request for a mail that signs in, and the code of the mail. */
async function giveMailRequest({ email }: Person): Promise<{ request: string; code: string }> {
  const { ring } = await jobContext()
  const id = newTimeOrderedId(Date.now())
  const request = await sealTicket(ring, 'mail-sign-in', { id, email, expiresAtMs: Date.now() + 600_000 })
  return { request, code: await mailCodeOf(ring, id) }
}

/** The right to create an account, and an answer of an authenticator for its first passkey. */
async function giveSignUp(example: object): Promise<Record<string, unknown>> {
  const { ring } = await jobContext()
  const begun = { id: crypto.randomUUID(), expiresAtMs: Date.now() + 600_000 }
  const token = await sealTicket(ring, 'sign-up', {
    ...begun,
    ...{ email: freshAddress('new@example.com'), profile: {}, consents: [] },
  })
  if (!('credential' in example)) return { sign_up_token: token }
  const { body } = await post('/auth/sign-up/passkey/options', { sign_up_token: token })
  return { sign_up_token: token, ticket: body.ticket, credential: await newDevice().create(body.public_key) }
}

/** The enrolment token of a first step, and what else the request needs to add an app or a passkey. */
async function giveEnrolment(person: Person, example: object): Promise<Record<string, unknown>> {
  await prove(person)
  const { token, id } = await enrolmentOf(person)
  if ('credential' in example) {
    const credential = await answerEnrolment(token, newDevice())
    return { ...credential, mail_code: await mailCodeOf((await jobContext()).ring, id) }
  }
  if (!('code' in example)) return { enrolment_token: token }
  const secret = newTotpSecret()
  const { ring } = await jobContext()
  const content = { id: crypto.randomUUID(), userId: userIdSchema.parse(person.id), secret, holder: { enrolId: id } }
  return {
    enrolment_token: token,
    ticket: await sealTicket(ring, 'totp-add', { ...content, expiresAtMs: Date.now() + 600_000 }),
    code: codeOf(secret),
    mail_code: await mailCodeOf(ring, id),
  }
}

/** The ticket of a first step with a password, and the code for the second one. */
async function giveSecondStep(person: Pick<Person, 'id'>): Promise<{ mfa_token: string; totp: string }> {
  const [secret, { ring }] = [await giveTotp(person), await jobContext()]
  const { security_epoch: epoch } = await row('SELECT security_epoch FROM users WHERE id = ?', person.id)
  const mfaToken = await sealTicket(ring, 'mfa', {
    id: crypto.randomUUID(),
    userId: userIdSchema.parse(person.id),
    amr: ['pwd'],
    authTimeMs: Date.now(),
    epoch: Number(epoch),
    expiresAtMs: Date.now() + 60_000,
  })
  return { mfa_token: mfaToken, totp: codeOf(secret) }
}

interface GivenIdentity {
  readonly index?: string
  readonly subject?: string
}

/** An identity linked to a person. @returns its id */
export async function giveIdentity({ id: userId }: Pick<Person, 'id'>, { index, subject }: GivenIdentity = {}) {
  const id = crypto.randomUUID()
  await change(
    `INSERT INTO social_logins (id, user_id, provider, provider_id_index, provider_id_enc, linked_at)
     VALUES (?, ?, 'github', ?, ?, 1)`,
    id,
    userId,
    index ?? crypto.randomUUID(),
    await sealedSubject({ table: 'social_logins', id }, userId, subject),
  )
  return id
}

/** The code at the end of a social sign-in, with its verifier. */
export async function giveCode(person: Person, purpose: 'sign-in' | 'link', subject?: string) {
  const { ring } = await jobContext()
  const [id, index, verifier] = [crypto.randomUUID(), crypto.randomUUID(), 'v'.repeat(43)]
  if (purpose === 'sign-in') await giveIdentity(person, { index })
  else await prove(person)
  await change(
    `INSERT INTO oauth_flows
       (id, user_id, session_id, provider, code_challenge, identity_indexes, provider_id_enc, created_at, expires_at,
        code_expires_at)
     VALUES (?1, ?2, (SELECT id FROM sessions WHERE user_id = ?2 AND revoked_at IS NULL ORDER BY created_at DESC),
       'github', ?3, ?4, ?5, 1, ?6, ?7)`,
    id,
    purpose === 'link' ? person.id : null,
    await s256(verifier),
    JSON.stringify([index]),
    purpose === 'link' ? await sealedSubject({ table: 'oauth_flows', id }, person.id, subject) : null,
    ...[Date.now() + 60_000, Date.now() + 60_000],
  )
  return { code: await mintOneTimeToken(ring, 'code', id), code_verifier: verifier }
}

/** The code with which an application continues a session of this person. */
export async function giveReturn({ accessToken: token, refreshToken }: Person) {
  const verifier = 'v'.repeat(43)
  const asked = { ...examples.returnRequest, code_challenge: await s256(verifier), refresh_token: refreshToken }
  const { body } = await post('/auth/return', asked, { token })
  const code = new URL(body.location).searchParams.get('code')
  return { code, code_verifier: verifier, redirect_uri: asked.return_to }
}

async function sealedSubject(
  row: Pick<SubjectRow, 'table' | 'id'>,
  userIdText: string,
  subject = 'subject-of-a-sample',
): Promise<string> {
  const userId = userIdSchema.parse(userIdText)
  const lookup = await (await jobContext()).vault.find(userId)
  if (lookup.kind !== 'found') throw new Error('no key')
  return sealSubject(lookup.key, { ...row, userId }, subject)
}
