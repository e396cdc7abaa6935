import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { type Answer, call, newPerson, PASSWORD, type Person, post } from './api.ts'
import { markArchived } from './erasures.ts'
import { giveReset } from './factor-resets.ts'
import { act, ask, newAdmin } from './operators.ts'
import { addPasskey, answerStepUp, givePasskey, newSecurityKey, storePasskey } from './passkeys.ts'
import { plainApp as app } from './passwords.ts'
import { publishLog } from './published-log.ts'
import { giveCode, type PreparedRequest, prepareRequest, type RouteName } from './requests.ts'
import { codeOf, giveRecoveryCodes, giveTotp, turnTwoStepOn } from './second-factors.ts'
import { deliver, runCron, unarchivedEvents } from './service.ts'
import { change, prove } from './stores.ts'

/** One request that would succeed, and the rows of the database before it. */
export interface Trial {
  readonly person: Person
  readonly request: PreparedRequest
  readonly before: Record<string, unknown>
}

/**
 * Makes the sample request of a route for a new user. A request to an operators' route is sent by an admin,
 * about that user.
 */
export async function prepareSample(name: RouteName): Promise<Omit<Trial, 'before'>> {
  const person = await newPerson({}, { app })
  const variant = variants[name]
  if (variant !== undefined) return { person, request: await variant(person) }
  if (!name.includes('/admin/')) await preparations[name]?.(person, person)
  const request = name.includes('/admin/') ? await prepareOperation(name, person) : await prepareRequest(name, person)
  return { person, request }
}

const MFA = 'POST /api/v1/auth/mfa'
const REGISTER = 'POST /api/v1/auth/register'
const LOGIN = 'POST /api/v1/auth/login'
const STEP_UP = 'POST /api/v1/auth/step-up'

/** The sample request of a route, with other members in its body. */
async function sampleWith(name: RouteName, person: Person, body: object): Promise<PreparedRequest> {
  const { path, call: sample } = await prepareRequest(name, person)
  return { path, call: { ...sample, body: { ...(sample.body as object), ...body } } }
}

/**
 * Requests that do something else than the sample of their route, because of their body or of the account.
 * Tests that look at the work of a route look at these as well.
 */
const variants: Readonly<Record<RouteName, (person: Person) => Promise<PreparedRequest>>> = {
  [`${LOGIN}, the first of two steps`]: async (person) => {
    await giveTotp(person)
    await turnTwoStepOn(person)
    return sampleWith(LOGIN, person, {})
  },
  [`${REGISTER}, with a consent`]: (person) =>
    sampleWith(REGISTER, person, { consents: [{ document: 'terms', version: '1' }] }),
  [`${MFA}, a recovery code`]: async (person) => {
    const [code] = await giveRecoveryCodes(person)
    return sampleWith(MFA, person, { totp: undefined, recovery_code: code })
  },
  [`${MFA}, a passkey`]: async (person) => {
    const { device } = await givePasskey(person)
    await turnTwoStepOn(person)
    const { email } = person
    const { mfa_token, public_key } = (await post('/auth/login', { email, password: PASSWORD }, { app })).body
    const credential = await device.get(public_key)
    return sampleWith(MFA, person, { mfa_token, totp: undefined, credential })
  },
  [`${STEP_UP}, a code`]: async (person) => {
    const totp = codeOf(await giveTotp(person))
    await turnTwoStepOn(person)
    return sampleWith(STEP_UP, person, { password: undefined, totp })
  },
  [`${STEP_UP}, a passkey`]: async (person) => {
    const { device } = await givePasskey(person)
    return sampleWith(STEP_UP, person, { password: undefined, ...(await answerStepUp(person, device)) })
  },
  [`${STEP_UP}, a security key`]: async (person) => {
    const key = newSecurityKey()
    await prove(person)
    await addPasskey(person, key, { wanted: { kind: 'security_key' } })
    return sampleWith(STEP_UP, person, { password: undefined, ...(await answerStepUp(person, key)) })
  },
  [`${STEP_UP}, a mailed code`]: async (person) => {
    await prove(person)
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', person.id)
    const mailed = await prepareRequest('POST /api/v1/auth/email/confirm', person)
    const { request, code } = mailed.call.body as Record<string, string>
    return sampleWith(STEP_UP, person, { password: undefined, request, email_code: code })
  },
  [`${STEP_UP}, a code of a provider`]: async (person) =>
    sampleWith(STEP_UP, person, { password: undefined, ...(await giveCode(person, 'sign-in')) }),
  'POST /api/v1/users/me/totp, a replacement': async (person) => {
    await giveTotp(person)
    return prepareRequest('POST /api/v1/users/me/totp', person)
  },
  'PUT /api/v1/users/me/two-step, off': async (person) => {
    await giveTotp(person)
    const token = await twoFactorTokenOf(person)
    await turnTwoStepOn(person)
    return sampleWith('PUT /api/v1/users/me/two-step', { ...person, accessToken: token }, { enabled: false })
  },
}

export const variantNames = Object.keys(variants) as RouteName[]

/** An access token of the person's session, as if it had proven two factors just now. */
async function twoFactorTokenOf({ id, refreshToken }: Person): Promise<string> {
  await change('UPDATE sessions SET amr = \'["pwd","otp","mfa"]\' WHERE user_id = ?', id)
  return (await post('/auth/refresh', { refresh_token: refreshToken }, { app })).body.access_token
}

/** A sample, and the rows of the database before it is sent. */
export async function prepareTrial(name: RouteName): Promise<Trial> {
  const sample = await prepareSample(name)
  return { ...sample, before: await stateOf(sample.person) }
}

export const send = ({ request }: Pick<Trial, 'request'>, using: Env): Promise<Answer> =>
  call(request.path, { app, ...request.call, env: { ...using, ...settingsFor(request) } })

/** Settings without which a route does nothing. */
export const settingsFor = ({ path }: PreparedRequest): Record<string, string> =>
  Object.entries(neededSettings).find(([end]) => path.endsWith(end))?.[1] ?? {}

const neededSettings: Readonly<Record<string, Record<string, string>>> = {
  '/auth/register': {
    CONSENT_DOCUMENTS: JSON.stringify({
      terms: { version: '1', url: 'https://example.com/', title: 'T', required: false },
    }),
  },
  '/enrolment-token': { MAIL_TRANSPORT: 'off' },
  '/assetlinks.json': { ANDROID_APPS: `com.example.app=${'A1:'.repeat(31)}A1` },
  '/apple-app-site-association': { APPLE_APP_IDS: 'A1B2C3D4E5.com.example.app' },
}

/** Brings the account into the state that an operators' route needs, if that is not its usual state. */
const preparations: Readonly<Record<string, (admin: Person, person: Person) => Promise<unknown>>> = {
  'POST /api/v1/admin/users/:id/reactivate': (admin, person) => act(admin, person, 'suspend'),
  'POST /api/v1/admin/users/:id/restore': (admin, person) => act(admin, person, 'erase'),
  'POST /api/v1/admin/users/:id/reset-factors': async (_, person) => {
    await prove(person)
    await giveTotp(person)
  },
  'DELETE /api/v1/admin/users/:id/reset-factors': (_, person) => giveReset(person),
  'DELETE /api/v1/users/me/factor-reset': (_, person) => giveReset(person),
  'POST /api/v1/admin/erasures/run': () => change('UPDATE job_runs SET finished_at = 1'),
  'POST /api/v1/admin/users/:id/clear-lock': (_, { email }) =>
    post('/auth/login', { email, password: `not ${PASSWORD}` }, { app }),
  'GET /api/v1/admin/erasures/:user_id/receipt': async (admin, person) => {
    await act(admin, person, 'erase', { immediate: true })
    await markArchived(person.id)
    await runCron()
  },
  'GET /api/v1/admin/erasures/:user_id/proof': async (admin, person) => {
    await act(admin, person, 'erase', { immediate: true })
    await markArchived(person.id)
    await runCron()
    await archiveAndPublish()
  },
  'GET /api/v1/users/me/activity/:id/proof': archiveAndPublish,
  'GET /audit/log/checkpoint': archiveAndPublish,
  'GET /audit/log/tile/*': archiveAndPublish,
  'POST /api/v1/admin/imports/:id/users': (_, person) => openImportOf(person),
  'POST /api/v1/admin/imports/:id/finish': (_, person) => openImportOf(person),
  'GET /api/v1/admin/imports/:id': (_, person) => openImportOf(person),
  'DELETE /api/v1/users/me/password': async (_, person) => {
    await givePasskey(person)
    await storePasskey(person)
    // The session has proven a passkey now. The access token of before does not say so.
    const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken }, { app })
    Object.assign(person, { accessToken: body.access_token, refreshToken: body.refresh_token })
  },
  'DELETE /api/v1/users/me/totp': (_, person) => giveTotp(person),
  'POST /api/v1/auth/step-up/options': (_, person) => storePasskey(person),
  'POST /api/v1/users/me/recovery-codes': (_, person) => giveTotp(person),
  'PUT /api/v1/users/me/two-step': (_, person) => giveTotp(person),
  'GET /api/v1/admin/audit/verify': async (admin) => {
    await ask(admin, '/stats')
    await change('UPDATE audit_events SET sent_at = NULL')
  },
}

async function archiveAndPublish(): Promise<void> {
  await deliver(await unarchivedEvents())
  await publishLog()
}

/** An import with the person's id, because that id is in the path. */
const openImportOf = ({ id }: Person) =>
  change('INSERT INTO imports (id, started_at, updated_at) VALUES (?, ?, ?)', id, Date.now(), Date.now())

async function prepareOperation(name: RouteName, person: Person): Promise<PreparedRequest> {
  const admin = await newAdmin()
  await preparations[name]?.(admin, person)
  const { path, call: prepared } = await prepareRequest(name, person)
  return { path, call: { ...prepared, token: admin.accessToken } }
}

/** Everything in the database about a person, with counts: whatever a request may leave half done. */
async function stateOf({ id, email }: Pick<Person, 'id' | 'email'>): Promise<Record<string, unknown>> {
  const about = {
    user: 'SELECT status, is_verified, security_epoch, email_index FROM users WHERE id = ?1',
    roles: 'SELECT role FROM user_roles WHERE user_id = ?1',
    holds: 'SELECT count(*) AS n FROM legal_holds WHERE user_id = ?1',
    runs: 'SELECT job, count(*) AS n FROM job_runs WHERE ?1 IS NOT NULL AND finished_at IS NULL GROUP BY 1',
    credential: 'SELECT password_hash FROM credentials WHERE user_id = ?1',
    logins: 'SELECT provider, count(*) AS n FROM social_logins WHERE user_id = ?1 GROUP BY 1',
    profile: 'SELECT full_name_enc IS NULL, bio_enc IS NULL FROM user_profiles WHERE user_id = ?1',
    live: 'SELECT count(*) AS n, sum(generation) FROM sessions WHERE user_id = ?1 AND revoked_at IS NULL',
    ended: 'SELECT revoke_reason, count(*) AS n FROM sessions WHERE user_id = ?1 AND revoked_at > 0 GROUP BY 1',
    tokens: 'SELECT purpose, consumed_at IS NULL, count(*) AS n FROM one_time_tokens WHERE user_id = ?1 GROUP BY 1, 2',
    mails: 'SELECT template, count(*) AS n FROM mail_jobs WHERE user_id = ?1 GROUP BY 1',
    exports: 'SELECT status, count(*) AS n FROM exports WHERE user_id = ?1 GROUP BY 1',
    factors: 'SELECT count(*) AS n FROM totp_factors WHERE user_id = ?1',
    passkeys:
      'SELECT removed_at > 0 AS is_removed, last_used_at > 0 AS is_used, count(*) AS n FROM passkeys WHERE user_id = ?1 GROUP BY 1, 2',
    resets: 'SELECT kinds FROM factor_resets WHERE user_id = ?1',
    erasures: 'SELECT basis FROM erasures WHERE user_id = ?1',
    consents: 'SELECT document, decision FROM consents WHERE user_id = ?1',
    events: 'SELECT action, outcome, count(*) AS n FROM audit_events WHERE subject_id = ?1 GROUP BY 1, 2',
    totp: 'SELECT last_step > 0 AS is_used FROM totp_factors WHERE user_id = ?1',
    codes: 'SELECT used_at IS NULL AS is_unused, count(*) AS n FROM recovery_codes WHERE user_id = ?1 GROUP BY 1',
    tickets: 'SELECT count(*) AS n FROM spent_tickets WHERE ?1 IS NOT NULL',
    people: 'SELECT count(*) AS n FROM users WHERE ?1 IS NOT NULL',
    orders: 'SELECT (SELECT count(*) FROM credentials) - (SELECT count(*) FROM users) AS n WHERE ?1 IS NOT NULL',
  }
  // One call instead of twenty-two, because this runs a thousand times.
  const found = await env.DB.batch(Object.values(about).map((query) => env.DB.prepare(query).bind(id)))
  const state = Object.fromEntries(Object.keys(about).map((name, at) => [name, found[at]?.results]))
  return JSON.parse(JSON.stringify(state).replaceAll(id, 'ID').replaceAll(email, 'EMAIL'))
}

/** Parts that count rows of all people. */
const ofAll: readonly string[] = ['people', 'tickets', 'orders']

/** Names the parts of a person's state that differ, with both values. Any hash or index equals any other. */
export async function changesOf({ person, before }: Trial): Promise<string[]> {
  const after = await stateOf(person)
  const normal = (value: unknown) =>
    JSON.stringify(value).replace(/"(email_index|password_hash)":"([^"]*)"/g, (_, key) => `"${key}":"…"`)
  return Object.keys(after)
    .filter((part) => JSON.stringify(after[part]) !== JSON.stringify(before[part]))
    .map((part) => (ofAll.includes(part) ? part : `${part} ${normal(before[part])} -> ${normal(after[part])}`))
    .sort()
}

/** Exports are built after the answer, or by the next cron if that was interrupted. */
export async function sweep(name: string): Promise<void> {
  if (!name.includes('/export')) return
  vi.setSystemTime(Date.now() + 10 * 60_000)
  await runCron(env, '*/5 * * * *')
  vi.useRealTimers()
}
