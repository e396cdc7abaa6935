import { describe, expect, test } from 'vitest'
import document from '../../docs/security.md?raw'
import { routes } from '../../src/app/all-routes.ts'
import { PASSWORD, type Person, post } from '../support/api.ts'
import { grant } from '../support/operators.ts'
import { storePasskey } from '../support/passkeys.ts'
import { plainApp } from '../support/passwords.ts'
import { giveToken } from '../support/requests.ts'
import { enrolmentOf, giveTotp } from '../support/second-factors.ts'
import { NEW_PASSWORD } from '../support/session-ends.ts'
import { change, rows } from '../support/stores.ts'
import { type MakeVictim, newVictim, play } from '../support/thieves.ts'

const section = document.slice(document.indexOf('## What a thief gets'), document.indexOf('## Insiders'))

/**
 * The routes that docs/security.md names for a thief. **bearer** and **admin** stand for every route with
 * that access.
 */
function documented(thief: string): string[] {
  const row = section.split('\n').find((line) => line.startsWith(`| ${thief} |`))
  if (row === undefined) throw new Error(`docs/security.md has no row for ${thief}`)
  const named = [...row.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) \/[^`]+)`/g)].map(([, name = '']) => name)
  const accesses = [...row.matchAll(/\*\*(bearer|admin)\*\*/g)].map(([, access = '']) => access)
  const excepted = [...row.matchAll(/\bexcept `([^`]+)`/g)].map(([, name = '']) => name)
  const all = routes.filter(({ access }) => accesses.includes(access)).map(({ method, path }) => `${method} ${path}`)
  return [...new Set([...named, ...all])].filter((name) => !excepted.includes(name)).sort()
}

/**
 * Makes an account whose owner has proven the mailbox and uses two factors, and has asked for their reset.
 */
async function harden(person: Person): Promise<void> {
  await change('UPDATE users SET is_verified = 1, two_step_at = 1 WHERE id = ?', person.id)
  await giveTotp(person)
  await change("INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES (?, 'of a code', 1)", person.id)
  await change(
    `INSERT INTO factor_resets (user_id, kinds, due_at, requested_by, created_at) VALUES (?1, '["totp"]', ?2, ?1, 1)`,
    person.id,
    Date.now() + 60_000,
  )
}

/** The owner has proven the mailbox, and needs two factors since a second ago, but has no second one. */
const makeDue = ({ id }: Person) =>
  change('UPDATE users SET is_verified = 1, two_step_due_at = ? WHERE id = ?', Date.now() - 1000, id)

/** Tokens of a session that was opened ten minutes ago, with two factors by default. */
async function oldTokens({ id, refreshToken }: Person, amr: readonly string[] = ['mfa', 'otp', 'pwd']) {
  const times = [Date.now() - 10 * 60_000, id]
  await change('UPDATE sessions SET amr = ?, auth_time = ? WHERE user_id = ?', JSON.stringify(amr), ...times)
  const { status, body } = await post('/auth/refresh', { refresh_token: refreshToken })
  if (status !== 200) throw new Error(`the refresh answered ${status}`)
  return { access: String(body.access_token), refresh: String(body.refresh_token) }
}

/** The purposes of the tokens that mails contain. */
const MAILED = ['verify', 'reset', 'undo', 'recover', 'keep', 'unkey'] as const

const mailbox: MakeVictim = async (fill) => {
  const person = await newVictim()
  const path = await fill(person)
  await harden(person)
  const give = async (purpose: (typeof MAILED)[number]) => {
    const id = purpose === 'unkey' ? await storePasskey(person) : undefined
    return giveToken(person, purpose, purpose === 'undo' ? `old-${person.email}` : undefined, id)
  }
  return { person, path, loot: { secrets: await Promise.all(MAILED.map(give)) } }
}

const thieves: Readonly<Record<string, MakeVictim>> = {
  'a password': async (fill) => {
    const person = await newVictim()
    const path = await fill(person)
    await harden(person)
    return { person, path, loot: { secrets: [PASSWORD] } }
  },
  'a mailbox': mailbox,
  'the mailbox of a deleted account': async (fill) => {
    const victim = await mailbox(fill)
    await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = ?", Date.now() + 60_000)
    return victim
  },
  'a refresh token': async (fill) => {
    const person = await newVictim()
    const path = await fill(person)
    await harden(person)
    const { access, refresh } = await oldTokens(person)
    return { person, path, loot: { bearers: [access], secrets: [refresh] } }
  },
  'the password of an account that is due': async (fill) => {
    const person = await newVictim()
    const path = await fill(person)
    await makeDue(person)
    const { token } = await enrolmentOf(person)
    return { person, path, loot: { bearers: [token], secrets: [PASSWORD, token] } }
  },
  'the session of an operator who has no second factor yet': async (fill) => {
    const [person, operator] = [await newVictim(), await newVictim()]
    const path = await fill(person)
    await grant(operator, 'admin')
    const { access, refresh } = await oldTokens(operator, ['pwd'])
    return { person, path, loot: { bearers: [access], secrets: [refresh] } }
  },
  "an operator's session": async (fill) => {
    const [person, operator] = [await newVictim(), await newVictim()]
    const path = await fill(person)
    await Promise.all([harden(person), harden(operator), grant(operator, 'admin')])
    const { access, refresh } = await oldTokens(operator)
    return { person, path, loot: { bearers: [access], secrets: [refresh] } }
  },
}

describe('M1 M10 M11 M12 where two factors are needed, the thief of', () => {
  test.each(Object.entries(thieves))(
    '%s gets what docs/security.md says, by every route of the table',
    async (name, makeVictim) => {
      expect(await play(makeVictim)).toEqual(documented(name))
    },
  )
})

test('M12 the thief of a mailbox sets a password, and opens no session with it', async () => {
  const person = await newVictim()
  await harden(person)
  const token = await giveToken(person, 'reset')
  const using = { app: plainApp }
  const reset = await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }, using)
  expect(reset.status).toBe(204)
  const { body } = await post('/auth/login', { email: person.email, password: NEW_PASSWORD }, using)
  expect(body).not.toHaveProperty('access_token')
  expect(await rows('SELECT id FROM sessions WHERE revoked_at IS NULL')).toEqual([])
  expect(await rows('SELECT two_step_at FROM users')).toEqual([{ two_step_at: 1 }])
})
