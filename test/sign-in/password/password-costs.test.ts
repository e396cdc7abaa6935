import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { PasswordRow } from '../../../src/crypto/passwords/keyed-passwords.ts'
import { nameCost, parseCost } from '../../../src/crypto/passwords/password-cost.ts'
import { foreignVectors } from '../../crypto/passwords/foreign/vectors.ts'
import { newPerson, PASSWORD, post } from '../../support/api.ts'
import { newAdmin } from '../../support/operators.ts'
import { appWithPasswords, atOnce, watchComparisons } from '../../support/passwords.ts'
import { change, rows } from '../../support/stores.ts'
import { hashLines, importPeople } from '../../support/user-imports.ts'
import { recordWaits } from '../../support/waits.ts'

const OLD = 'm=19456,t=2,p=1'
const NEW = 'm=20000,t=2,p=1'
const IMPORTED = foreignVectors['ASP.NET Identity 2'] ?? { hash: '', password: '' }

/** A deployment whose operator has changed the cost of a hash. */
const changed = { ...env, ARGON2_MEMORY_KIB: '20000' }

const login = (email: string, password: string, options = {}) => post('/auth/login', { email, password }, options)

const counted = () => rows('SELECT cost, credentials FROM password_costs WHERE credentials > 0 ORDER BY cost')

/**
 * The cost of each comparison for these addresses: that of the stored hash, or that which the decoy imitates.
 */
async function costsOf(emails: readonly string[], using: Env = changed): Promise<(string | undefined)[]> {
  const costs: (string | undefined)[] = []
  const note = (stored: PasswordRow | null | undefined, decoyCost: string | undefined) =>
    costs.push(stored?.passwordHash ? nameCost(stored.passwordHash) : decoyCost)
  const app = appWithPasswords((real) => ({
    ...real,
    check(_, stored, decoyCost) {
      note(stored, decoyCost)
      return atOnce({ matches: false, needsRehash: false })
    },
  }))
  for (const [i, email] of emails.entries()) {
    const headers = { 'cf-connecting-ip': `198.51.100.${i % 250}` }
    await login(email, 'guess', { app, env: using, headers })
  }
  return costs
}

const unknown = Array.from({ length: 40 }, (_, i) => `unknown${i}@example.com`)

describe('E1 after the cost of a hash was changed', () => {
  test('an unknown address costs as much as the stored hashes, and so does a locked account', async () => {
    const people = [await newPerson(), await newPerson()]
    expect(await costsOf(people.map(({ email }) => email))).toEqual([OLD, OLD])
    expect(new Set(await costsOf(unknown))).toEqual(new Set([OLD]))
    const locked = Array.from({ length: 12 }, () => people[0]?.email ?? '')
    expect(new Set(await costsOf(locked))).toEqual(new Set([OLD]))
  })

  test('an account without a password costs as much as an unknown address', async () => {
    const [, passwordless] = [await newPerson(), await newPerson()]
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', passwordless.id)
    expect(await costsOf([passwordless.email])).toEqual([OLD])
  })

  test('the cost of unknown addresses changes in proportion to the accounts that sign in', async () => {
    const people = [await newPerson(), await newPerson()]
    expect((await login(people[0]?.email ?? '', PASSWORD, { env: changed })).status).toBe(200)
    expect(await counted()).toEqual([
      { cost: OLD, credentials: 1 },
      { cost: NEW, credentials: 1 },
    ])
    const costs = await costsOf(unknown)
    // With 40 addresses at even odds, a difference of eight would be four standard deviations.
    for (const cost of [OLD, NEW]) expect(costs.filter((one) => one === cost).length, cost).toBeGreaterThan(7)
    expect(await costsOf(unknown)).toEqual(costs)
    expect((await login(people[1]?.email ?? '', PASSWORD, { env: changed })).status).toBe(200)
    expect(new Set(await costsOf(unknown))).toEqual(new Set([NEW]))
  })

  test('a decoy does the same Argon2id work as the stored hashes', async () => {
    await newPerson()
    const { app, decoys } = watchComparisons()
    const { env: recorded, measure } = recordWaits({ ARGON2_MEMORY_KIB: '20000' })
    await login('nobody@example.com', PASSWORD, { app, env: changed })
    expect(decoys).toEqual([OLD])
    const person = await newPerson()
    await login('nobody@example.com', PASSWORD, { env: recorded })
    const path = '/api/v1/auth/login'
    const stranger = await measure(path, { body: { email: 'stranger@example.com', password: PASSWORD } })
    const known = await measure(path, { body: { email: person.email, password: 'not the password' } })
    expect(known.rounds).toHaveLength(stranger.rounds.length)
  })
})

describe('the counts of password costs', () => {
  test('follow every change of a hash, and use the same names as the code', async () => {
    const [one, two] = [await newPerson(), await newPerson()]
    expect(await counted()).toEqual([{ cost: OLD, credentials: 2 }])
    const users = ['a', 'b'].map((name) => ({ email: `${name}@example.com`, password_hash: IMPORTED.hash }))
    await importPeople(await newAdmin(), users, hashLines)
    const stored = await rows("SELECT password_hash AS phc FROM credentials WHERE password_hash NOT LIKE 'plain|%'")
    const names = stored.map(({ phc }) => nameCost(String(phc)))
    const named = (cost: string) => names.filter((name) => name === cost).length
    for (const { cost, credentials } of await counted())
      if (cost !== '') expect(credentials, String(cost)).toBe(named(String(cost)))
    expect(new Set(names)).toEqual(new Set([OLD, `pbkdf2-sha1-1000-32+${OLD}`]))
    await change('DELETE FROM credentials WHERE user_id = ?', one.id)
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', two.id)
    expect((await counted()).find(({ cost }) => cost === OLD)).toBeUndefined()
    await change('UPDATE credentials SET password_hash = ? WHERE user_id = ?', String(stored[0]?.phc), two.id)
    expect(await counted()).toContainEqual({ cost: OLD, credentials: 1 })
  })

  test('begin with the stored hashes when the migration is applied', async () => {
    await newPerson()
    const migrations = (env as Env & { readonly TEST_MIGRATIONS: readonly Migration[] }).TEST_MIGRATIONS
    const from = migrations.findIndex(({ name }) => name.includes('password-costs'))
    const apply = (some: readonly Migration[]) =>
      env.DB.batch(some.flatMap(({ queries }) => queries.map((query) => env.DB.prepare(query))))
    const hashes = await rows('SELECT password_hash AS phc FROM credentials')
    await reset()
    await apply(migrations.slice(0, from))
    for (const [i, { phc }] of [...hashes, ...hashes, { phc: null }].entries()) {
      await change(
        `INSERT INTO users (id, email_index, email_domain_index, email_enc, is_verified, status, created_at, security_epoch)
         VALUES (?, ?, 'd', 'e', 0, 'active', 0, 0)`,
        `user-${i}`,
        `1.${i}`,
      )
      await change('INSERT INTO credentials VALUES (?, ?, 0)', `user-${i}`, phc)
    }
    await apply(migrations.slice(from))
    expect(await counted()).toEqual([{ cost: OLD, credentials: 2 }])
  })
})

interface Migration {
  readonly name: string
  readonly queries: readonly string[]
}

describe('the name of a cost', () => {
  test.each([OLD, NEW, 'm=65536,t=4,p=4', `bcrypt-10-23+${OLD}`, `pbkdf2-sha256-600000-32+${NEW}`])(
    'is parsed again: %s',
    (name) => {
      const cost = parseCost(name)
      expect(cost?.params).toEqual(parseCost(name.split('+').at(-1) ?? '')?.params)
      expect(cost?.scheme === undefined).toBe(!name.includes('+'))
    },
  )

  test.each([
    ...['', 'm=99999,t=9,p=1', 'm=19456,t=2', `m=19456,t=2,p=1 `, 'm=7,t=1,p=1', `bcrypt-31-23+${OLD}`],
    ...[`rot13+${OLD}`, `+${OLD}`, '$argon2id$v=19$m=19456,t=2,p=1', 'bcrypt-10-23+'],
  ])('P5 that an attacker wrote into the table is ignored: %j', (name) => {
    expect(parseCost(name)).toBeUndefined()
  })

  test.each(['', 'plain text', 'imported:bcrypt-31-23:AAAA$argon2id$', '$argon2id$v=19$m=1048576,t=2,p=1,keyid=1$a$b'])(
    'is undefined for a hash that cannot be compared: %j',
    (stored) => {
      expect(nameCost(stored)).toBeUndefined()
    },
  )
})
