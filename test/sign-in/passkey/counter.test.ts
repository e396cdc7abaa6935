import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, get, newPerson, post, signIn, statuses } from '../../support/api.ts'
import { beforeBatch } from '../../support/intercept-stores.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { answerChallenge, givePasskey, sendAnswer, signInByPasskey } from '../../support/passkeys.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, events, prove, row } from '../../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const refused = { status: 401, body: { code: 'invalid_credentials' } }
const bound = { isBackupEligible: false, counterStep: 1 }
const state = () => row('SELECT sign_count, is_backed_up, suspended_at IS NOT NULL AS is_suspended FROM passkeys')

describe('W9 the signature counter', () => {
  test('of a device-bound passkey is kept, and rises', async () => {
    const { device } = await givePasskey(await newPerson(), bound)
    expect((await signInByPasskey(device)).status).toBe(200)
    expect((await signInByPasskey(device, { signCount: 7 })).status).toBe(200)
    expect(await state()).toMatchObject({ sign_count: 7, is_suspended: 0 })
  })

  test('that went back suspends the key, ends what it opened, and mails the owner', async () => {
    const box = openMailbox()
    const ada = await newPerson()
    await prove(ada)
    const { device, id } = await givePasskey(ada, bound)
    const [first, other] = [await signInByPasskey(device, { signCount: 5 }), await signIn(ada.email)]
    expect(first.status).toBe(200)
    later(11_000)
    expect(await signInByPasskey(device, { signCount: 5 }, { env: box.env })).toMatchObject(refused)
    expect(await state()).toMatchObject({ sign_count: 5, is_suspended: 1 })
    expect((await get('/users/me', first.body.access_token)).status).toBe(401)
    // The key was added in this session, which has gained it.
    expect((await get('/users/me', ada.accessToken)).status).toBe(401)
    expect((await get('/users/me', other.accessToken)).status).toBe(200)
    expect(await events('passkey.suspended')).toMatchObject([{ subject_id: ada.id, detail: { passkey_id: id } }])
    expect((await box.collect()).map(({ subject }) => subject)).toContain('A passkey for Latchkey was blocked')
    expect(await signInByPasskey(device, { signCount: 9 })).toMatchObject(refused)
  })

  test('that went back ends the sessions that the key has stepped up', async () => {
    const ada = await newPerson()
    const { device } = await givePasskey(ada, bound)
    const stolen = await signIn(ada.email)
    const { body: offer } = await post('/auth/step-up/options', {}, { token: stolen.accessToken })
    const credential = await device.get(offer.public_key, { signCount: 5 })
    const proof = { ticket: offer.ticket, credential }
    expect((await post('/auth/step-up', proof, { token: stolen.accessToken })).status).toBe(200)
    later(11_000)
    expect(await signInByPasskey(device, { signCount: 5 })).toMatchObject(refused)
    expect((await get('/users/me', stolen.accessToken)).status).toBe(401)
  })

  test('that went back voids the offer to restore a deleted account that one of two devices got', async () => {
    const { device } = await givePasskey(await newPerson(), bound)
    await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = 1e13")
    const { body } = await signInByPasskey(device, { signCount: 5 })
    expect(await state()).toMatchObject({ sign_count: 5 })
    later(11_000)
    expect(await signInByPasskey(device, { signCount: 5 })).toMatchObject(refused)
    expect((await post('/auth/restore', { token: body.restore_token })).status).toBe(400)
  })

  test('that went back between the two waits opens no session', async () => {
    const { device } = await givePasskey(await newPerson(), bound)
    // Another answer, of a request that began earlier and was recorded later.
    const other = () => change('UPDATE passkeys SET sign_count = 9, last_used_at = ?', Date.now() - 11_000)
    expect(await signInByPasskey(device, { signCount: 5 }, { env: beforeBatch(2, other) })).toMatchObject(refused)
    expect(await state()).toMatchObject({ sign_count: 9, is_suspended: 0 })
  })

  test.each(SIZES)('W9 that went back suspends the key once, sent %i times at once', async (size) => {
    const ada = await newPerson()
    await prove(ada)
    const { device } = await givePasskey(ada, bound)
    await signInByPasskey(device, { signCount: 5 })
    later(11_000)
    const prepared = await Promise.all(Array.from({ length: size }, () => answerChallenge(device, { signCount: 4 })))
    const answers = await burst(size, (at) => sendAnswer(prepared[at]))
    expect(statuses(answers)).toEqual({ 401: size })
    expect(await events('passkey.suspended')).toHaveLength(1)
    expect((await row("SELECT count(*) AS n FROM mail_jobs WHERE template = 'passkey-suspended'")).n).toBe(1)
  })

  test('that rises for the one and the other of two devices with a copy lets one of them in at most for long', async () => {
    const { device } = await givePasskey(await newPerson(), bound)
    const [one, other] = [
      await answerChallenge(device, { signCount: 1 }),
      await answerChallenge(device, { signCount: 1 }),
    ]
    expect((await sendAnswer(one)).status).toBe(200)
    later(11_000)
    expect(await sendAnswer(other)).toMatchObject(refused)
    expect(await state()).toMatchObject({ is_suspended: 1 })
  })

  test('may be out of order within ten seconds', async () => {
    const { device } = await givePasskey(await newPerson(), bound)
    await signInByPasskey(device, { signCount: 5 })
    expect((await signInByPasskey(device, { signCount: 4 })).status).toBe(200)
    expect(await state()).toMatchObject({ sign_count: 5, is_suspended: 0 })
  })

  test('of a synchronized passkey means nothing, and zero is none', async () => {
    const { device } = await givePasskey(await newPerson())
    await signInByPasskey(device, { signCount: 5 })
    later(11_000)
    expect((await signInByPasskey(device, { signCount: 1 })).status).toBe(200)
    await change('UPDATE passkeys SET is_backup_eligible = 0, sign_count = 0')
    later(11_000)
    expect((await signInByPasskey(device, { isBackupEligible: false, signCount: 0 })).status).toBe(200)
  })
})

describe('W9 the backup bits', () => {
  test('of a passkey follow it, where it may be copied', async () => {
    const { device } = await givePasskey(await newPerson(), { isBackedUp: false })
    expect(await state()).toMatchObject({ is_backed_up: 0 })
    expect((await signInByPasskey(device, { isBackedUp: true })).status).toBe(200)
    expect(await state()).toMatchObject({ is_backed_up: 1 })
  })
})
