import { describe, expect, test } from 'vitest'
import { burst, type Call, call, get, newPerson, PASSWORD, type Person, post } from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { openMailbox, tokenIn } from '../../support/mailbox.ts'
import { givePasskey, signInByPasskey } from '../../support/passkeys.ts'
import { giveRecoveryCodes } from '../../support/second-factors.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, events, prove, row } from '../../support/stores.ts'

const remove = ({ accessToken }: Pick<Person, 'accessToken'>, options: Call = {}) =>
  call('/api/v1/users/me/password', { method: 'DELETE', token: accessToken, ...options })

/** A person with passkeys, signed in with the first one. */
async function newOwner(passkeys: number) {
  const ada = await newPerson()
  await prove(ada)
  const { device, id } = await givePasskey(ada)
  const ids = [id]
  for (let more = 1; more < passkeys; more++) ids.push((await givePasskey(ada)).id)
  const { body } = await signInByPasskey(device)
  return { ...ada, accessToken: String(body.access_token), device, ids }
}

const hasPassword = async () => (await row('SELECT password_hash IS NOT NULL AS has FROM credentials')).has === 1
const lastOne = { status: 409, body: { code: 'last_credential' } }

describe('an account without its password', () => {
  test('W10 signs in with a passkey alone, and its owner is mailed', async () => {
    const [ada, box] = [await newOwner(2), openMailbox()]
    expect((await remove(ada, { env: box.env })).status).toBe(204)
    expect((await post('/auth/login', { email: ada.email, password: PASSWORD })).status).toBe(401)
    expect((await signInByPasskey(ada.device)).status).toBe(200)
    expect((await box.collect()).map(({ subject }) => subject)).toEqual(['Your password for Latchkey was removed'])
    expect(await events('password.removed')).toMatchObject([{ subject_id: ada.id, outcome: 'success' }])
    expect((await get('/users/me/factors', ada.accessToken)).body.password).toMatchObject({ set: false })
    expect((await remove(ada)).status).toBe(404)
    await post('/auth/reset-password', { email: ada.email }, { env: box.env })
    const token = tokenIn((await box.collect()).at(-1))
    const renewed = await post('/auth/reset-password/confirm', { token, new_password: 'a wholly different phrase' })
    expect(renewed.status).toBe(204)
  })

  test('W10 keeps two passkeys, or one and a recovery code', async () => {
    const ada = await newOwner(1)
    expect(await remove(ada)).toMatchObject(lastOne)
    await giveRecoveryCodes(ada)
    await change('UPDATE recovery_codes SET used_at = 1')
    expect(await remove(ada)).toMatchObject(lastOne)
    await change('UPDATE recovery_codes SET used_at = NULL')
    expect((await remove(ada)).status).toBe(204)
  })

  test.each(['suspended_at = 1', 'removed_at = 1', "rp_id = 'old.example'"])(
    'W10 does not count a passkey that signs nobody in: %s',
    async (assignment) => {
      const ada = await newOwner(2)
      await change(`UPDATE passkeys SET ${assignment} WHERE id = ?`, ada.ids[1])
      expect(await remove(ada)).toMatchObject(lastOne)
    },
  )

  test('M10 needs a passkey in the session: a password is not enough', async () => {
    const ada = await newOwner(2)
    const { body } = await post('/auth/login', { email: ada.email, password: PASSWORD })
    const refused = await remove({ accessToken: body.access_token })
    expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
    expect(refused.headers.get('www-authenticate')).toContain('acr_values="phr"')
    expect(await hasPassword()).toBe(true)
  })

  test('W11 is not made once the session has ended', async () => {
    const ada = await newOwner(2)
    const using = beforeBatch(1, () => change('UPDATE sessions SET revoked_at = 1'))
    expect((await remove(ada, { env: using })).status).toBe(401)
    expect(await hasPassword()).toBe(true)
  })

  test.each(SIZES)('W10 keeps a way in, whatever %i removals at once win', async (size) => {
    const ada = await newOwner(2)
    await burst(size, (at) =>
      at % 2 === 0
        ? remove(ada)
        : call(`/api/v1/users/me/passkeys/${ada.ids[1]}`, { method: 'DELETE', token: ada.accessToken }),
    )
    const left = await row('SELECT count(*) AS n FROM passkeys WHERE removed_at IS NULL')
    expect((await hasPassword()) || Number(left.n) > 0).toBe(true)
  })
})
