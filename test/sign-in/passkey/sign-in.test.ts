import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { userIdSchema } from '../../../src/core/ids.ts'
import { eventKeyOwner } from '../../../src/core/key-owner.ts'
import { sealTicket } from '../../../src/crypto/ticket.ts'
import { userHandleOf } from '../../../src/crypto/user-handle.ts'
import { decryptDetails } from '../../../src/storage/database/event-details.ts'
import { burst, call, get, newProvenPerson, type Person, post, statuses } from '../../support/api.ts'
import { beforeBatch, failing } from '../../support/intercept-stores.ts'
import { jobContext } from '../../support/job-context.ts'
import {
  addPasskey,
  answerChallenge,
  givePasskey,
  newSecurityKey,
  sendAnswer,
  signInByPasskey,
} from '../../support/passkeys.ts'
import { giveTotp, turnTwoStepOn } from '../../support/second-factors.ts'
import { SIZES } from '../../support/sizes.ts'
import { change, countOf, events, row, rows } from '../../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const refused = { status: 401, body: { code: 'invalid_credentials' } }
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const handleOf = ({ id }: Person) => userHandleOf(userIdSchema.parse(id))
const reasons = async () => (await events('user.sign_in_failed')).map(({ detail }) => detail.reason)

describe('a sign-in with a passkey', () => {
  test('M14 opens a session of level phr, and says which passkeys the account accepts', async () => {
    const ada = await newProvenPerson()
    const { device, id } = await givePasskey(ada)
    const { status, body } = await signInByPasskey(device)
    expect([status, body.user]).toMatchObject([200, { id: ada.id, email: ada.email }])
    expect(body.passkey).toEqual({
      user_handle: handleOf(ada),
      rp_id: 'latchkey.test',
      accepted_credential_ids: [device.credentials[0]?.id],
    })
    const session = await get('/auth/session', body.access_token)
    expect(session.body).toMatchObject({ acr: 'phr', amr: ['pop', 'mfa'] })
    const { body: refreshed } = await post('/auth/refresh', { refresh_token: body.refresh_token })
    expect((await get('/auth/session', refreshed.access_token)).body).toMatchObject({ acr: 'phr' })
    expect(await rows('SELECT DISTINCT passkey_id FROM sessions')).toEqual([{ passkey_id: id }])
    expect((await row('SELECT last_used_at FROM passkeys')).last_used_at).not.toBeNull()
  })

  test.each([-7, -8, -257] as const)('W1 takes the algorithm %i', async (algorithm) => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada, { algorithms: [algorithm] })
    expect((await signInByPasskey(device)).status).toBe(200)
    expect(JSON.parse(String((await row('SELECT public_key FROM passkeys')).public_key)).alg).toBe(algorithm)
  })

  test('M2 is asked for no other factor where the account needs two', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await giveTotp(ada)
    await turnTwoStepOn(ada)
    const { body } = await signInByPasskey(device)
    expect(body.access_token).toBeDefined()
  })

  test.each([
    ["status = 'suspended', suspended_at = 1", 403, 'account_suspended'],
    ["status = 'deleted', deleted_at = 1, purge_after = 1e13", 200, undefined],
  ])('W11 passes the gate like any other: %s', async (assignment, status, code) => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await change(`UPDATE users SET ${assignment}`)
    const answer = await signInByPasskey(device)
    expect([answer.status, answer.body.code]).toEqual([status, code])
    if (status === 200) expect([answer.body.account_status, answer.body.passkey]).toEqual(['deleted', undefined])
    expect(await countOf('sessions')).toBe(1)
  })
})

describe('W3 a challenge', () => {
  test.each(SIZES)('opens one session, sent %i times at once', async (size) => {
    const { device } = await givePasskey(await newProvenPerson())
    const answer = await answerChallenge(device)
    const before = await countOf('sessions')
    const answers = await burst(size, () => sendAnswer(answer))
    expect(statuses(answers)).toEqual({ 200: 1, 401: size - 1 })
    expect([await countOf('sessions'), await reasons()]).toEqual([before + 1, Array(size - 1).fill('ticket_spent')])
  })

  test('is used up by a wrong answer', async () => {
    const { device } = await givePasskey(await newProvenPerson())
    const right = await answerChallenge(device)
    const wrong = {
      ...right.credential.response,
      signature: `${right.credential.response.signature.slice(0, -8)}AAAAAAAA`,
    }
    expect(await sendAnswer({ ...right, credential: { ...right.credential, response: wrong } })).toMatchObject(refused)
    expect(await sendAnswer(right)).toMatchObject(refused)
    expect(await reasons()).toEqual(['wrong_signature', 'ticket_spent'])
  })

  test('lasts five minutes', async () => {
    const { device } = await givePasskey(await newProvenPerson())
    const [first, second] = [await answerChallenge(device), await answerChallenge(device)]
    later(5 * 60_000 - 1000)
    expect((await sendAnswer(first)).status).toBe(200)
    later(1001)
    expect(await sendAnswer(second)).toMatchObject(refused)
  })

  test('is that of the ticket, whatever the client signed, and of this kind of ticket', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const [one, other] = [await answerChallenge(device), await answerChallenge(device)]
    expect(await sendAnswer({ ticket: one.ticket, credential: other.credential })).toMatchObject(refused)
    const { ring } = await jobContext()
    const content = { id: crypto.randomUUID(), challenge: 'A'.repeat(43), expiresAtMs: Date.now() + 60_000 }
    const { id: sessionId } = await row('SELECT id FROM sessions ORDER BY created_at LIMIT 1')
    const ticket = await sealTicket(ring, 'passkey-step-up', {
      ...content,
      userId: userIdSchema.parse(ada.id),
      sessionId: String(sessionId) as never,
    })
    const credential = await device.get({ challenge: content.challenge })
    expect(await sendAnswer({ ticket, credential })).toMatchObject(refused)
  })
})

describe('W6 a refused sign-in', () => {
  /** Answers that a client can make for passkeys in every state. */
  const wrong: Record<string, (ada: Person) => Promise<Awaited<ReturnType<typeof answerChallenge>>>> = {
    'an unknown passkey': async (ada) => {
      const { device } = await givePasskey(ada)
      const answer = await answerChallenge(device)
      await change('DELETE FROM passkeys')
      return answer
    },
    'a wrong signature': async (ada) => {
      const { device } = await givePasskey(ada)
      return answerChallenge(device, { signature: (right) => right.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) })
    },
    'a wrong signature of a removed passkey': async (ada) => {
      const { device } = await givePasskey(ada)
      await change('UPDATE passkeys SET removed_at = 1, details_enc = NULL')
      return answerChallenge(device, { signature: (right) => right.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) })
    },
    'a suspended passkey': async (ada) => {
      const { device } = await givePasskey(ada)
      await change('UPDATE passkeys SET suspended_at = 1')
      return answerChallenge(device)
    },
    'no user verification': async (ada) => answerChallenge((await givePasskey(ada)).device, { isUserVerified: false }),
    'a security key that verifies its user': async (ada) => {
      const key = newSecurityKey()
      await addPasskey(ada, key, { wanted: { kind: 'security_key' }, body: { two_step: false } })
      const [credential] = key.credentials
      if (credential === undefined) throw new Error('no credential')
      return answerChallenge(key, { credential })
    },
    'no user handle': async (ada) => answerChallenge((await givePasskey(ada)).device, { userHandle: null }),
    'a foreign user handle': async (ada) =>
      answerChallenge((await givePasskey(ada)).device, { userHandle: 'Zm9yZWlnbg' }),
    'the user handle of another user': async (ada) =>
      answerChallenge((await givePasskey(ada)).device, { userHandle: handleOf(await newProvenPerson()) }),
    'a passkey of another domain': async (ada) => {
      const { device } = await givePasskey(ada)
      await change("UPDATE passkeys SET rp_id = 'old.test'")
      return answerChallenge(device)
    },
    'a passkey that may suddenly be copied': async (ada) =>
      answerChallenge((await givePasskey(ada, { isBackupEligible: false })).device, {
        isBackupEligible: true,
        isBackedUp: false,
      }),
  }

  /** What the audit trail alone has. The others name no passkey of the account. */
  const recorded: Record<string, string> = {
    'a wrong signature': 'wrong_signature',
    'a wrong signature of a removed passkey': 'wrong_signature',
    'a suspended passkey': 'passkey_suspended',
    'no user verification': 'passkey_unverified',
    'a security key that verifies its user': 'passkey_unverified',
    'a passkey that may suddenly be copied': 'wrong_signature',
  }

  test.each(Object.entries(wrong))('W4 W5 is the same for %s', async (name, make) => {
    const ada = await newProvenPerson()
    const answer = await make(ada)
    const before = await countOf('sessions')
    const { status, body, headers } = await sendAnswer(answer)
    const { request_id, ...shown } = body
    expect({ status, ...shown }).toEqual({
      status: 401,
      type: 'urn:latchkey:problem:invalid_credentials',
      title: expect.any(String),
      code: 'invalid_credentials',
      instance: '/api/v1/auth/passkey',
    })
    expect(headers.get('set-cookie')).toBeNull()
    expect([await countOf('sessions'), await reasons()]).toEqual([before, [recorded[name] ?? 'unknown_passkey']])
    // An event about no account names none, and each is encrypted for whom it is about.
    const subject = name in recorded ? userIdSchema.parse(ada.id) : null
    const [failed] = await events('user.sign_in_failed')
    const place = { eventId: String(failed?.id), owner: eventKeyOwner(subject, Date.now()) }
    const lookup = await (await jobContext()).vault.find(place.owner)
    if (lookup.kind !== 'found') throw new Error('no key')
    expect(failed?.subject_id).toBe(subject)
    expect(await decryptDetails(lookup.key, place, String(failed?.pii_enc))).toMatchObject({ ip: '203.0.113.7' })
  })

  test('begins with options that are alike for everybody and store nothing', async () => {
    const before = JSON.stringify(await rows('SELECT * FROM attempts'))
    const [one, other] = [await post('/auth/passkey/options', {}), await post('/auth/passkey/options', {})]
    expect(one.body.ticket).toHaveLength(other.body.ticket.length)
    expect(JSON.stringify(one.body)).toHaveLength(JSON.stringify(other.body).length)
    expect(one.body.public_key).toMatchObject({
      rpId: 'latchkey.test',
      allowCredentials: [],
      userVerification: 'required',
    })
    expect([await countOf('spent_tickets'), JSON.stringify(await rows('SELECT * FROM attempts'))]).toEqual([0, before])
    const none = await call('/api/v1/auth/passkey/options', { method: 'POST' })
    expect(none.status).toBe(200)
  })
})

describe('W7 a removed passkey', () => {
  test('is named to its holder alone, and to nobody after an erasure', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    await change('UPDATE passkeys SET removed_at = 1, details_enc = NULL')
    expect(await signInByPasskey(device)).toMatchObject({ status: 401, body: { code: 'passkey_removed' } })
    await change('DELETE FROM passkeys')
    expect(await signInByPasskey(device)).toMatchObject(refused)
  })
})

describe('W11 a change', () => {
  test.each([
    "UPDATE users SET status = 'suspended', suspended_at = 1",
    "UPDATE users SET status = 'deleted'",
    'UPDATE users SET security_epoch = security_epoch + 1',
    'UPDATE passkeys SET removed_at = 1',
    'UPDATE passkeys SET suspended_at = 1',
  ])('between the two waits wins: %s', async (sql) => {
    const { device } = await givePasskey(await newProvenPerson())
    const before = await countOf('sessions')
    const answer = await signInByPasskey(device, {}, { env: beforeBatch(2, () => change(sql)) })
    expect(answer).toMatchObject(refused)
    expect(await countOf('sessions')).toBe(before)
    expect((await row('SELECT last_used_at FROM passkeys')).last_used_at).toBeNull()
  })
})

test.each(['removed_at = 1', 'suspended_at = 1'])(
  'W11 a passkey that is gone between the two waits gets no offer to restore a deleted account: %s',
  async (assignment) => {
    const { device } = await givePasskey(await newProvenPerson())
    await change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = 1e13")
    const between = { env: beforeBatch(2, () => change(`UPDATE passkeys SET ${assignment}`)) }
    expect(await signInByPasskey(device, {}, between)).toMatchObject(refused)
    expect(await rows("SELECT id FROM one_time_tokens WHERE purpose = 'restore'")).toEqual([])
  },
)

describe('W15 with KV and R2 down', () => {
  test('a passkey signs in', async () => {
    const ada = await newProvenPerson()
    const { device } = await givePasskey(ada)
    const down = failing((name) => /^(SESSIONS|KEY_CACHE|LIMITS|VAULT|ARCHIVE)\./.test(name))
    const { status, body } = await signInByPasskey(device, {}, { env: down })
    expect([status, body.user]).toMatchObject([200, { id: ada.id, email: null }])
    expect((await get('/users/me/sessions', body.access_token, { env })).status).toBe(200)
  })
})
