import { env } from 'cloudflare:workers'
import { hashSync as bcryptOf } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { chooseDecoy } from '../../../src/sign-in/password/choose-decoy.ts'
import type { StoredCost } from '../../../src/storage/database/password-costs.ts'
import { foreignVectors } from '../../crypto/passwords/foreign/vectors.ts'
import { type Call, newPerson, PASSWORD, post } from '../../support/api.ts'
import { runCronWithArchive } from '../../support/erasures.ts'
import { failing } from '../../support/intercept-stores.ts'
import { act, newAdmin } from '../../support/operators.ts'
import { appWithPasswords, atOnce, watchComparisons } from '../../support/passwords.ts'
import { change, events, row, rows } from '../../support/stores.ts'
import { hashLines, importPeople } from '../../support/user-imports.ts'
import { recordWaits } from '../../support/waits.ts'

const { hash, password } = foreignVectors['ASP.NET Identity 2'] ?? { hash: '', password: '' }
const SCHEME = 'pbkdf2-sha1-1000-32'
const OWN = 'm=19456,t=2,p=1'
const IMPORTED = `${SCHEME}+${OWN}`

const login = (email: string, text: string, options: Call = {}) =>
  post('/auth/login', { email, password: text }, options)

/** A user who was imported with a password hash of another system. */
async function newcomer(email = 'newcomer@example.com', more: object = {}) {
  const admin = await newAdmin()
  const users = [{ email, password_hash: hash, is_verified: true, ...more }]
  const [id = ''] = await importPeople(admin, users, hashLines)
  return { admin, id, email }
}

const storedHash = async (id: string) =>
  String((await row('SELECT password_hash AS phc FROM credentials WHERE user_id = ?', id)).phc)
const waiting = () => rows('SELECT scheme, credentials FROM imported_passwords WHERE credentials > 0')

describe('an imported user', () => {
  test('P4 signs in with the old password, and has a hash of this service from then on', async () => {
    const { id, email } = await newcomer()
    expect(await storedHash(id)).toMatch(
      /^imported:pbkdf2-sha1-1000-32:AAECAwQFBgcICQoLDA0ODw\$argon2id\$.*,keyid=1,ad=1\$/,
    )
    expect(await waiting()).toEqual([{ scheme: SCHEME, credentials: 1 }])
    expect((await login(email, 'not the password')).status).toBe(401)
    expect((await login(email, password)).status).toBe(200)
    expect(await storedHash(id)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=1,ad=1\$/)
    expect(await waiting()).toEqual([])
    expect((await login(email, password)).status).toBe(200)
    expect(await events('user.password_rehashed')).toMatchObject([{ subject_id: id }])
  })

  test('P4 keeps a long bcrypt password, whatever tail is typed first, until it is changed', async () => {
    const chosen = 'long and chosen, '.repeat(6)
    const tail = `${chosen.slice(0, 72)}of somebody else`
    const { id, email } = await newcomer(undefined, { password_hash: bcryptOf(chosen, 4) })
    const stored = await storedHash(id)
    expect((await login(email, tail)).status).toBe(200)
    expect(await storedHash(id)).toBe(stored)
    const { status, body } = await login(email, chosen)
    expect(status).toBe(200)
    expect(await storedHash(id)).toBe(stored)

    const changed = { current_password: chosen, new_password: `${chosen} and changed` }
    expect((await post('/users/me/password', changed, { token: body.access_token })).status).toBe(204)
    expect(await storedHash(id)).toMatch(/^\$argon2id\$/)
    expect((await login(email, `${chosen} and another tail`)).status).toBe(401)
    expect((await login(email, changed.new_password)).status).toBe(200)
  })

  test('P4 signs in if the old hash cannot be replaced, and the next sign-in tries again', async () => {
    const { id, email } = await newcomer()
    let batches = 0
    const broken = failing((name) => name === 'DB.batch' && ++batches === 3)
    expect((await login(email, password, { env: broken })).status).toBe(200)
    expect(await storedHash(id)).toMatch(/^imported:/)
    await login(email, password)
    expect(await storedHash(id)).toMatch(/^\$argon2id/)
  })

  test('is no longer counted after a reset, an erasure or a manual change', async () => {
    const { admin, id } = await newcomer()
    const [other = '', third = ''] = await importPeople(
      admin,
      ['second@example.com', 'third@example.com'].map((email) => ({ email, password_hash: hash })),
      hashLines,
    )
    expect(await waiting()).toEqual([{ scheme: SCHEME, credentials: 3 }])
    await change('UPDATE credentials SET changed_at = 1')
    await change('UPDATE credentials SET password_hash = NULL WHERE user_id = ?', other)
    expect(await waiting()).toEqual([{ scheme: SCHEME, credentials: 2 }])
    await act(admin, { id, email: '', accessToken: '', refreshToken: '' }, 'erase', { immediate: true })
    await runCronWithArchive()
    expect(await waiting()).toEqual([{ scheme: SCHEME, credentials: 1 }])
    await change('DELETE FROM credentials WHERE user_id = ?', third)
    expect(await waiting()).toEqual([])
  })

  test('signs in although the password breaks today’s policy', async () => {
    const { email } = await newcomer('my@example.com')
    expect((await login(email, password)).status).toBe(200)
  })
})

describe('E1 the cost of a sign-in', () => {
  /** Signs in to a list of addresses. @returns the cost that each decoy imitated */
  async function decoysFor(emails: readonly string[], using: Env = env): Promise<(string | undefined)[]> {
    const decoys: (string | undefined)[] = []
    const app = appWithPasswords((real) => ({
      ...real,
      check: (_, __, decoyCost) => {
        decoys.push(decoyCost)
        return atOnce({ matches: false, needsRehash: false })
      },
    }))
    for (const email of emails) await login(email, 'guess', { app, env: using })
    return decoys
  }

  test('is that of a new hash for every address while no user was imported', async () => {
    const { email } = await newPerson()
    expect(await decoysFor([email, 'nobody@example.com'])).toEqual([OWN, OWN])
  })

  test('is that of an imported hash for the same share of unknown addresses as of accounts, and stable', async () => {
    const costs = [`bcrypt-10-23+${OWN}`, IMPORTED, OWN]
    await change('INSERT INTO password_costs VALUES (?, 30), (?, 20), (?, 50)', ...costs)
    const emails = Array.from({ length: 60 }, (_, i) => `unknown${i}@example.com`)
    const decoys = await decoysFor(emails)
    expect(await decoysFor(emails)).toEqual(decoys)
    const share = (cost: string | undefined) => decoys.filter((decoy) => decoy === cost).length / 60
    // For 60 addresses six standard deviations are 0.35. The expected shares are 0.3, 0.2 and 0.5.
    for (const cost of costs) expect(share(cost), cost).toBeGreaterThan(0.04)
    expect(share(OWN)).toBeLessThan(0.85)
  })

  test('is that of its own hash for a locked imported account, and of a new hash after a sign-in', async () => {
    const { email } = await newcomer()
    const { app, compared, decoys } = watchComparisons()
    const strict = { ...env, SIGN_IN_MAX_FAILURES: '3' }
    for (let i = 0; i < 4; i++) await login(email, 'not the password', { app, env: strict })
    expect(compared.at(-1)).toBeNull()
    expect(decoys).toEqual(Array(4).fill(IMPORTED))
    const ours = await newPerson()
    for (let i = 0; i < 4; i++) await login(ours.email, 'not the password', { app, env: strict })
    expect(decoys.slice(4)).toEqual(Array(4).fill(OWN))
  })

  test('takes as many waits for an imported account as for an unknown address', async () => {
    const { email } = await newcomer()
    const { env: recorded, measure } = recordWaits()
    await login('nobody@example.com', PASSWORD, { env: recorded })
    const path = '/api/v1/auth/login'
    const unknown = await measure(path, { body: { email: 'stranger@example.com', password: PASSWORD } })
    const known = await measure(path, { body: { email, password: 'not the password' } })
    expect(known.rounds).toHaveLength(unknown.rounds.length)
  })
})

describe('the choice of a decoy', () => {
  const fingerprints = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(String(i)))
        return `1.${Buffer.from(digest).toString('base64url')}`
      }),
    )

  const costs = (imported: number): StoredCost[] => [
    { cost: IMPORTED, credentials: imported },
    { cost: OWN, credentials: 1000 - imported },
  ]

  test('E1 follows the proportions of the stored hashes', async () => {
    const all = await fingerprints(2000)
    for (const credentials of [0, 100, 500, 1000]) {
      const chosen = all.map((fingerprint) => chooseDecoy({ storedHash: null, costs: costs(credentials), fingerprint }))
      expect(chosen.filter((cost) => cost === IMPORTED).length / 2000).toBeCloseTo(credentials / 1000, 1)
    }
  })

  test('E1 changes from the imported scheme to the current one as people sign in, and never back', async () => {
    for (const fingerprint of await fingerprints(300)) {
      const path = [900, 600, 300, 0].map((credentials) =>
        chooseDecoy({ storedHash: null, costs: costs(credentials), fingerprint }),
      )
      expect(path.lastIndexOf(IMPORTED)).toBe(path.filter((cost) => cost === IMPORTED).length - 1)
    }
  })

  test('is the cost of a new hash while there are no hashes, and the first cost without a fingerprint', async () => {
    const [fingerprint = ''] = await fingerprints(1)
    expect(chooseDecoy({ storedHash: undefined, costs: [], fingerprint })).toBeUndefined()
    expect(chooseDecoy({ storedHash: undefined, costs: costs(5), fingerprint: '' })).toBe(IMPORTED)
  })
})
