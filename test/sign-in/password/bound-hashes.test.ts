import { describe, expect, test } from 'vitest'
import { argon2id } from '../../../src/crypto/argon2id/index.ts'
import { utf8 } from '../../../src/crypto/encoding.ts'
import { runToEnd } from '../../../src/crypto/hash-queue/cooperative.ts'
import { encodePasswordHash } from '../../../src/crypto/phc.ts'
import { foreignVectors } from '../../crypto/passwords/foreign/vectors.ts'
import { newPerson, PASSWORD, type Person, post } from '../../support/api.ts'
import { jobContext } from '../../support/job-context.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { newAdmin } from '../../support/operators.ts'
import { change, events, row } from '../../support/stores.ts'
import { hashLines, importPeople } from '../../support/user-imports.ts'

const NEW_PASSWORD = 'another horse battery staple'
const old = foreignVectors['ASP.NET Identity 2'] ?? { hash: '', password: '' }

const login = (email: string, password: string) => post('/auth/login', { email, password })

const hashOf = async (id: string) =>
  String((await row('SELECT password_hash AS phc FROM credentials WHERE user_id = ?', id)).phc)
const setHash = (id: string, phc: string) =>
  change('UPDATE credentials SET password_hash = ? WHERE user_id = ?', phc, id)

type Account = Pick<Person, 'id' | 'email'> & { readonly password: string }

/** Every action that writes a password hash. */
const ways: Readonly<Record<string, () => Promise<Account>>> = {
  'a registration': async () => ({ ...(await newPerson()), password: PASSWORD }),
  'a change of password': async () => {
    const person = await newPerson()
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD }
    expect((await post('/users/me/password', body, { token: person.accessToken })).status).toBe(204)
    return { ...person, password: NEW_PASSWORD }
  },
  'a reset': async () => {
    const mailbox = openMailbox()
    const person = await newPerson({}, { env: mailbox.env })
    await mailbox.collect()
    await post('/auth/reset-password', { email: person.email }, { env: mailbox.env })
    const token = tokenIn((await mailbox.collect())[0])
    expect((await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })).status).toBe(204)
    return { ...person, password: NEW_PASSWORD }
  },
  'an import': imported,
  'the first sign-in after an import': async () => {
    const account = await imported()
    expect((await login(account.email, account.password)).status).toBe(200)
    return account
  },
  'a sign-in with a hash from before': async () => {
    const person = await newPerson()
    await setHash(person.id, await unboundHash())
    expect((await login(person.email, PASSWORD)).status).toBe(200)
    return { ...person, password: PASSWORD }
  },
}

async function imported(): Promise<Account> {
  const email = 'moved-in@example.com'
  const [id = ''] = await importPeople(await newAdmin(), [{ email, password_hash: old.hash }], hashLines)
  return { id, email, password: old.password }
}

/** A hash as version 0.1.0 made it, not bound to its user. */
async function unboundHash(): Promise<string> {
  const params = { memoryKib: 19_456, iterations: 2, parallelism: 1 }
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const secret = (await jobContext()).ring.newest.pepper
  const tag = runToEnd(argon2id({ ...params, password: utf8(PASSWORD), salt, secret, tagLength: 32 }))
  return encodePasswordHash({ params, keyId: '1', isBound: false, salt, tag })
}

describe('P4 a hash that an insider copies into another user’s row', () => {
  test.each(Object.entries(ways))('does not open that account, after %s', async (_, make) => {
    const attacker = await make()
    expect(await hashOf(attacker.id)).toMatch(/\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=1,ad=1\$/)
    const victim = await newPerson()
    await setHash(victim.id, await hashOf(attacker.id))
    const refused = { status: 401, body: { code: 'invalid_credentials' } }
    expect(await login(victim.email, attacker.password)).toMatchObject(refused)
    const stepUp = await post('/auth/step-up', { password: attacker.password }, { token: victim.accessToken })
    expect(stepUp).toMatchObject(refused)
    expect((await login(attacker.email, attacker.password)).status).toBe(200)
  })
})

test('P4 an unbound hash of an earlier version still signs in, and is bound from then on', async () => {
  const { id, email } = await newPerson()
  await setHash(id, await unboundHash())
  expect((await login(email, 'not the password')).status).toBe(401)
  expect(await hashOf(id)).not.toContain(',ad=1')
  expect((await login(email, PASSWORD)).status).toBe(200)
  expect(await hashOf(id)).toContain(',keyid=1,ad=1$')
  expect(await events('user.password_rehashed')).toMatchObject([{ subject_id: id }])
  expect((await login(email, PASSWORD)).status).toBe(200)
  expect(await events('user.password_rehashed')).toHaveLength(1)
})
