import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { examples } from '../../src/http/examples/examples.ts'
import { call, get, newPerson, ORIGIN, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { answered, assertDocumented } from '../support/documented.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { giveReset, giveTwoStep } from '../support/factor-resets.ts'
import { makeTree, publishTree } from '../support/log.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { act, ask, newAdmin, newUser, setRoles } from '../support/operators.ts'
import { givePasskey, signInByPasskey, stepUpByPasskey, storePasskey } from '../support/passkeys.ts'
import { publishLog } from '../support/published-log.ts'
import { giveToken, prepareRequest } from '../support/requests.ts'
import { codeOf } from '../support/second-factors.ts'
import { deliver, unarchivedEvents } from '../support/service.ts'
import { begin, comeBack, handedBack, newAccount, openProviders, signInWith, socialEnv } from '../support/social.ts'
import { prove, row } from '../support/stores.ts'
import { prepareTrial } from '../support/trials.ts'
import { hashLines, openImport } from '../support/user-imports.ts'

/** A documented success of an operation, as `<id> <status>`. */
const promised = routes.flatMap(({ operation }) =>
  operation === undefined ? [] : Object.keys(operation.answers).map((status) => `${operation.id} ${status}`),
)

const NEW_PASSWORD = 'a longer horse battery staple'

/** The token in the newest mail that links to a page. */
async function newestToken(mailbox: Mailbox, page: string): Promise<string> {
  await mailbox.collect()
  return tokenIn(mailbox.mails.findLast(({ text }) => text.includes(`/${page}#`)))
}

/**
 * Calls every documented operation once, over the lifetime of an account. `call` checks each answer against
 * the document.
 */
async function liveOnce(): Promise<void> {
  const mailbox = openMailbox()
  const { env } = mailbox
  const ada = await newPerson({ full_name: 'Ada Lovelace' }, { env })
  const privately = { ...env, REGISTRATION_MODE: 'private' } as Env
  await post('/auth/register', { email: 'new@example.com', password: PASSWORD }, { env: privately })
  await post('/auth/verify-email/resend', { email: ada.email }, { env })
  await post('/auth/verify-email', { token: await newestToken(mailbox, 'verify-email') }, { env })
  await useAccount(ada)
  await exportEverything(ada.accessToken)

  await post('/users/me/email', { new_email: 'countess@example.com' }, { env, token: ada.accessToken })
  await post(
    '/auth/verify-email',
    { token: await newestToken(mailbox, 'confirm-email') },
    { env, token: ada.accessToken },
  )
  await post('/auth/undo-email', { token: await newestToken(mailbox, 'undo-email') }, { env })
  for (const mode of [{}, { session_mode: 'token' }]) {
    await post('/auth/reset-password', { email: ada.email }, { env })
    const token = await newestToken(mailbox, 'reset-password')
    await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD, ...mode }, { env })
  }
  await leaveAndComeBack(ada.email)
}

async function useAccount(person: Person) {
  const { accessToken: token, email, refreshToken } = person
  const path = '/api/v1/users/me'
  await get('/auth/session', token)
  await get('/users/me', token)
  for (const method of ['PUT', 'PATCH']) await call(path, { method, token, body: { bio: 'Computes.' } })
  await call(`${path}/consents/terms`, { method: 'PUT', token, body: { version: '1', decision: 'granted' } })
  await get('/users/me/consents', token)
  await get('/users/me/activity?limit=1', token)
  const { accessToken } = await signIn(email)
  const { sessions } = (await get('/users/me/sessions', token)).body
  const other = sessions.find(({ current }: { current: boolean }) => !current)
  await call(`${path}/sessions/${other.id}`, { method: 'DELETE', token })
  expect((await get('/users/me', accessToken)).status).toBe(401)
  await call(`${path}/sessions`, { method: 'DELETE', token })
  await post('/auth/step-up', { password: PASSWORD }, { token })
  await post('/users/me/password', { current_password: PASSWORD, new_password: PASSWORD }, { token })
  const { path: check, call: asked } = await prepareRequest('GET /api/v1/auth/return', person)
  await call(check, asked)
  await post('/auth/return', { ...examples.returnRequest, refresh_token: refreshToken }, { token })
  await post('/auth/refresh', { refresh_token: refreshToken })
}

async function exportEverything(token: string) {
  const { id } = (await call('/api/v1/users/me/export', { method: 'POST', token })).body
  await runCronWithArchive()
  const { download } = (await get(`/users/me/export/${id}`, token)).body
  await call(download, { token })
}

async function leaveAndComeBack(email: string) {
  const { accessToken } = await signIn(email, NEW_PASSWORD)
  await call('/api/v1/users/me', { method: 'DELETE', token: accessToken })
  const { restore_token } = (await post('/auth/login', { email, password: NEW_PASSWORD })).body
  const restored = await post('/auth/restore', { token: restore_token })
  await post('/auth/logout', { refresh_token: restored.body.refresh_token })
}

/** Calls every operators' operation once. */
async function operate() {
  const admin = await newAdmin()
  const subject = await newUser()
  for (const path of ['/users', `/users/${subject.id}`, `/users/${subject.id}/lock`]) await ask(admin, path)
  for (const change of ['clear-lock', 'suspend', 'reactivate', 'revoke-sessions', 'require-password-reset'])
    await act(admin, subject, change)
  await setRoles(admin, subject, ['analyst'])
  await act(admin, subject, 'enrolment-token', {}, { env: { ...env, MAIL_TRANSPORT: 'off' } as unknown as Env })
  await prove(subject)
  await giveTwoStep(subject)
  await act(admin, subject, 'reset-factors')
  await ask(admin, `/users/${subject.id}/reset-factors?reason=support_case`, { method: 'DELETE' })
  await keepFactors()
  await act(admin, subject, 'require-two-step', { due_at: null })
  await act(admin, subject, 'require-two-step', { due_at: '2030-01-01T00:00:00.000Z' })
  for (const action of ['place', 'lift']) await act(admin, subject, 'legal-hold', { action })
  await act(admin, subject, 'erase')
  await act(admin, subject, 'restore')
  await act(admin, subject, 'erase', { immediate: true })
  for (const dry_run of [true, false]) await ask(admin, '/erasures/run', { body: { reason: 'maintenance', dry_run } })
  await runCronWithArchive()
  const paths = [
    '/erasures?state=completed',
    `/erasures/${subject.id}/receipt`,
    '/audit',
    '/audit/verify',
    '/stats',
    '/keys',
  ]
  for (const path of paths) await ask(admin, path)
  await proveEvents(admin, subject)
  const id = await openImport(admin)
  await hashLines(admin, { id, users: [{ email: 'mover@example.com' }, 'no user'] })
  await ask(admin, `/imports/${id}/finish`, { body: { reason: 'maintenance' } })
  await ask(admin, `/imports/${id}`)
  await ask(admin, '/user-export', { body: { reason: 'maintenance', with_password_hashes: true } })
}

/** Cancels a reset of second factors by link, and in a session. */
async function keepFactors() {
  const person = await newUser()
  await giveReset(person)
  await post('/auth/keep-factors', { token: await giveToken(person, 'keep') })
  await giveReset(person)
  await call('/api/v1/users/me/factor-reset', { method: 'DELETE', token: person.accessToken })
}

/** Gets the proof of an erasure, and that of an own event. */
async function proveEvents(admin: Person, erased: Person) {
  const person = await newUser()
  await deliver(await unarchivedEvents())
  await publishLog()
  await ask(admin, `/erasures/${erased.id}/proof`)
  const { id } = await row("SELECT id FROM audit_events WHERE subject_id = ? AND action = 'user.signed_in'", person.id)
  await get(`/users/me/activity/${id}/proof`, person.accessToken)
}

/** Adds a passkey, signs in with it, and undoes another one. */
async function usePasskeys() {
  const person = await newUser()
  const { device } = await givePasskey(person)
  await signInByPasskey(device)
  await stepUpByPasskey(person, device)
  const id = await storePasskey(person)
  const own = `/api/v1/users/me/passkeys/${id}`
  await call(own, { method: 'PATCH', token: person.accessToken, body: { name: 'Phone' } })
  await call(own, { method: 'DELETE', token: person.accessToken })
  const undone = await storePasskey(person)
  await post('/auth/undo-passkey', { token: await giveToken(person, 'unkey', undefined, undone) })
}

/**
 * Finishes a sign-in with a code, and others by adding an app without a session, and by mail. Adds an
 * authenticator app, makes codes, turns two-step sign-in off, and removes the app.
 */
async function manageFactors() {
  const signsIn = await prepareRequest('POST /api/v1/auth/mfa', await newUser())
  await call(signsIn.path, signsIn.call)
  for (const name of [
    'enrol/mail',
    'enrol/totp/options',
    'enrol/totp',
    'enrol/passkeys/options',
    'enrol/passkeys',
    'email',
    'email/confirm',
    'sign-up',
    'sign-up/passkey/options',
    'sign-up/passkey',
  ]) {
    const request = await prepareRequest(`POST /api/v1/auth/${name}`, await newUser())
    await call(request.path, request.call)
  }
  const person = await newUser()
  await prove(person)
  const path = '/api/v1/users/me'
  const { ticket, secret } = (await post('/users/me/totp/options', {}, { token: person.accessToken })).body
  await post('/users/me/totp', { ticket, code: codeOf(secret) }, { token: person.accessToken })
  const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken })
  const token = body.access_token
  await get('/users/me/factors', token)
  await call(`${path}/recovery-codes`, { method: 'POST', token })
  await call(`${path}/two-step`, { method: 'PUT', body: { enabled: false }, token })
  await call(`${path}/totp`, { method: 'DELETE', token })
}

async function removePassword() {
  const { request } = await prepareTrial('DELETE /api/v1/users/me/password')
  await call(request.path, request.call)
}

/** Signs in with one provider, links another identity, and unlinks it. */
async function signInSocially() {
  const providers = await openProviders()
  const env = socialEnv()
  const { body } = await signInWith(providers, 'google', newAccount(), { env })
  const token = body.access_token
  const path = '/api/v1/users/me/identities'
  const { link } = (await call(`${path}/acme/start`, { method: 'POST', token, env })).body
  const begun = await begin('acme', { env, query: { link } })
  const back = await comeBack('acme', begun, providers.consent(begun.location, newAccount()), { env })
  const exchange = { code: handedBack(back).get('code'), code_verifier: begun.verifier }
  const { id } = (await call(path, { body: exchange, token, env })).body
  await call(path, { token, env })
  await call(`${path}/${id}`, { method: 'DELETE', token, env })
  vi.restoreAllMocks()
}

describe('every documented answer', () => {
  it('occurs, and matches its documentation', async () => {
    answered.clear()
    await liveOnce()
    await operate()
    await usePasskeys()
    await manageFactors()
    await removePassword()
    await signInSocially()
    const known = ['jwks.json', 'audit-checkpoint', 'openid-configuration', 'change-password']
    for (const path of known) await call(`/.well-known/${path}`)
    const forPasskeys = ['webauthn', 'passkey-endpoints', 'assetlinks.json', 'apple-app-site-association']
    const withApps = { ...env, ANDROID_APPS: `com.example.app=${'A1:'.repeat(31)}A1`, APPLE_APP_IDS: 'A1B2C3D4E5.app' }
    for (const path of forPasskeys) await call(`/.well-known/${path}`, { env: withApps as Env })
    for (const path of ['/readyz', '/openapi.json']) await call(path)
    // The publication of the runs above has no tree.
    await publishTree(await makeTree(1))
    vi.spyOn(caches, 'open').mockRejectedValue(new Error('no cache'))
    await call('/audit/log/checkpoint')
    vi.restoreAllMocks()
    expect(promised.filter((answer) => !answered.has(answer))).toEqual([])
  })
})

describe('an undocumented answer', () => {
  const request = (path: string) => new Request(`${ORIGIN}/api/v1${path}`, { method: 'POST' })
  const json = new Headers({ 'content-type': 'application/json; charset=utf-8' })
  const problem = new Headers({ 'content-type': 'application/problem+json; charset=utf-8' })
  const refusal = { type: '', title: '', status: 409, instance: '', code: 'not_found', request_id: '' }

  it.each([
    ['a status', 418, json, {}],
    ['a type', 202, new Headers({ 'content-type': 'text/plain' }), 'sent'],
    ['a member too many', 202, json, { message: '', password_hash: '' }],
    ['a member too few', 202, json, {}],
    ['a member of another type', 202, json, { message: 1 }],
    ['a code of another operation', 409, problem, refusal],
  ])('is detected: %s', (_, status, headers, body) => {
    expect(() => assertDocumented(request('/auth/register'), { status, headers, body })).toThrow('documented')
  })
})
