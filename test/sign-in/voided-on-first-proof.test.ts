import { env as bindings } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { call, get, newPerson, type Person, post } from '../support/api.ts'
import { giveReset } from '../support/factor-resets.ts'
import { openMailbox } from '../support/mailbox.ts'
import { storePasskey } from '../support/passkeys.ts'
import { giveIdentity, giveToken } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { giveRecoveryCodes, giveTotp, turnTwoStepOn } from '../support/second-factors.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { newAccount, providersForEachTest, signInWith, socialEnv } from '../support/social.ts'
import { change, countOf, events, prove, row, rows } from '../support/stores.ts'
import { prepareSample, send } from '../support/trials.ts'

// Four verbs prove an address for the first time. Another person may have registered the account before, so
// nothing that this person left may let them in again, or be shown as the owner's.

const providers = providersForEachTest()
const env = socialEnv()

/** Each request that proves the address of an account. It asks for its mail before the account is filled. */
const proofs: Record<string, (person: Person) => Promise<() => Promise<{ status: number }>>> = {
  async 'reset-password'(person) {
    const token = await giveToken(person, 'reset')
    return () => post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, { env })
  },
  async 'restore-account'(person) {
    expect((await call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })).status).toBe(202)
    const token = await giveToken(person, 'recover')
    return () => post('/auth/restore', { token }, { env })
  },
  async 'confirm-sign-in-code'({ email }) {
    const mailbox = openMailbox()
    const { body } = await post('/auth/email', { email }, { env: mailbox.env })
    const code = /\b\d{8}\b/.exec((await mailbox.collect()).at(-1)?.text ?? '')?.[0]
    return () => post('/auth/email/confirm', { request: body.request, code })
  },
  'link-by-address':
    async ({ email }) =>
    () =>
      signInWith(providers, 'acme', newAccount({ email }), { env }),
}

/** What the other person may have left, by table: rows that let somebody in or are shown as the owner's. */
const left: Record<string, string> = {
  credentials: 'password_hash IS NOT NULL AND changed_at = 1',
  social_logins: "provider = 'github'",
  totp_factors: 'true',
  recovery_codes: 'true',
  factor_resets: 'true',
  passkeys: 'true',
  sessions: 'revoked_at IS NULL AND created_at = 1',
  one_time_tokens: "consumed_at IS NULL AND purpose IN ('verify', 'reset', 'change')",
  user_profiles: 'full_name_enc IS NOT NULL',
}

/** Tables that name a user, and keep their rows. */
const stays: Record<string, string> = {
  activity_bundles: 'events about the account',
  archive_places: 'events about the account',
  consents: 'what was agreed to, and when',
  erasures: 'requests of the owner or an operator',
  exports: 'a session that has ended cannot read one',
  legal_holds: 'from an operator',
  mail_jobs: 'mails on their way to the address of the account',
  oauth_flows: 'ends with the session that began it',
  user_roles: 'from an operator',
}

test('the first proof of an address decides about every table that names a user', () => {
  const named = schemaTables.filter(({ columns }) => columns.includes('user_id')).map(({ name }) => name)
  expect(named.sort()).toEqual([...Object.keys(left), ...Object.keys(stays)].sort())
})

async function fill(person: Person): Promise<void> {
  await change('UPDATE credentials SET changed_at = 1')
  await change('UPDATE sessions SET created_at = 1, revoked_at = NULL, revoke_reason = NULL')
  await giveIdentity(person)
  await giveTotp(person)
  await giveRecoveryCodes(person)
  await giveReset(person)
  await storePasskey(person)
  await turnTwoStepOn(person)
  await giveToken(person, 'verify')
  await giveToken(person, 'change', 'eve@example.com')
}

async function leftTables(): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(left).map(async ([table, rows]) => ((await countOf(`${table} WHERE ${rows}`)) > 0 ? [table] : [])),
  )
  return found.flat()
}

describe.each(Object.entries(proofs))('O6 the first proof of an address by %s', (_, begin) => {
  test('leaves nothing of the person who registered it', async () => {
    const eve = await newPerson({ full_name: 'Eve' })
    const proveAddress = await begin(eve)
    await fill(eve)
    expect(await leftTables()).toEqual(Object.keys(left))
    const { security_epoch: before } = await row('SELECT security_epoch FROM users')
    expect((await proveAddress()).status).toBeLessThan(300)
    expect(await leftTables()).toEqual([])
    const after = await row('SELECT is_verified, two_step_at, security_epoch FROM users')
    expect(after).toEqual({ is_verified: 1, two_step_at: null, security_epoch: Number(before) + 1 })
    expect(await events('user.credentials_voided')).toMatchObject([{ subject_id: eve.id }])
    expect((await get('/users/me', eve.accessToken)).status).toBe(401)
  })

  test('voids nothing of an account whose address was proven before', async () => {
    const ada = await newPerson({ full_name: 'Ada' })
    await prove(ada)
    const proveAddress = await begin(ada)
    await fill(ada)
    expect((await proveAddress()).status).toBeLessThan(300)
    expect(await leftTables()).toEqual(
      expect.arrayContaining(['totp_factors', 'recovery_codes', 'passkeys', 'user_profiles']),
    )
    expect((await row('SELECT two_step_at FROM users')).two_step_at).not.toBeNull()
    expect(await events('user.credentials_voided')).toEqual([])
  })
})

// The link of the verification mail proves the address as well, and voids nothing: the mail was sent because
// of the registration itself. A later reset of the password then finds a proven address.

/** What a reset of a proven address leaves, and what lets somebody in. */
const outlivesReset: Record<string, string> = {
  id: 'passkeys WHERE user_id = ?1',
  secret_enc: 'totp_factors WHERE user_id = ?1',
  code_hash: 'recovery_codes WHERE user_id = ?1',
  provider_id_index: 'social_logins WHERE user_id = ?1',
  'id AS link':
    "one_time_tokens WHERE user_id = ?1 AND purpose NOT IN ('verify', 'reset', 'change', 'restore', 'recover')",
  two_step_at: 'users WHERE id = ?1 AND two_step_at IS NOT NULL',
}

async function lasting({ id }: Person): Promise<string[]> {
  const found = Object.entries(outlivesReset).map(([name, from]) => rows(`SELECT ${name} FROM ${from}`, id))
  return (await Promise.all(found)).flat().map((one) => JSON.stringify(one))
}

const changing = routes.filter(({ method, path }) => method !== 'GET' && !path.includes('/admin/'))
const needsProof = changing.filter(
  ({ access, operation }) => access !== 'public' && operation?.problems?.includes('email_unverified'),
)
const nameOf = ({ method, path }: (typeof routes)[number]) => `${method} ${path}` as const

describe('O9 a person who has registered the address of somebody else', () => {
  test('gets nothing from any route that the owner could not end with a reset', async () => {
    const refusing: string[] = []
    for (const name of changing.map(nameOf)) {
      const { person, request } = await prepareSample(name)
      await change('UPDATE users SET is_verified = 0 WHERE id = ?', person.id)
      const before = await lasting(person)
      const { body } = await send({ request }, bindings)
      if (body?.code === 'email_unverified') refusing.push(name)
      expect([name, (await lasting(person)).filter((row) => !before.includes(row))]).toEqual([name, []])
    }
    expect(refusing).toEqual(expect.arrayContaining(needsProof.map(nameOf)))
  })

  // A provider can prove the address there, so an identity still needs that.
  const withoutMails: Record<string, string> = { MAIL_TRANSPORT: 'off' }
  const allowed = needsProof.map(nameOf).filter((name) => !name.endsWith('/identities'))

  test.each(allowed)('is not refused where no mail leaves: %s', async (name) => {
    const { person, request } = await prepareSample(name)
    await change('UPDATE users SET is_verified = 0 WHERE id = ?', person.id)
    expect((await send({ request }, { ...bindings, ...withoutMails })).status).toBeLessThan(300)
  })

  test('may turn two-step sign-in off that was on before', async () => {
    const { person, request } = await prepareSample('PUT /api/v1/users/me/two-step, off')
    await change('UPDATE users SET is_verified = 0 WHERE id = ?', person.id)
    expect((await send({ request }, bindings)).status).toBe(200)
  })
})
