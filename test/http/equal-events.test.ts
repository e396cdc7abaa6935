import { describe, expect, test } from 'vitest'
import { newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { openMailbox } from '../support/mailbox.ts'
import { plainApp as app } from '../support/passwords.ts'
import { change, countOf } from '../support/stores.ts'

const terms = { version: '1', title: 'Terms', url: 'https://a.example', required: false }
const CONSENT_DOCUMENTS = JSON.stringify({ terms })
const consents = [{ document: 'terms', version: '1' }]
const mailbox = openMailbox({ REGISTRATION_MODE: 'private', CONSENT_DOCUMENTS })
const options = { app, env: mailbox.env }
const GPC = { 'sec-gpc': '1' }

/** A state of the account that has the address, or the address of nobody. */
type State = 'no account' | 'active' | 'unverified' | 'suspended' | 'deleted' | 'without a password'

const prepare: Record<State, (person: Person) => Promise<unknown>> = {
  'no account': async () => undefined,
  active: async () => undefined,
  unverified: ({ id }) => change('UPDATE users SET is_verified = 0 WHERE id = ?', id),
  suspended: ({ id }) => change(`UPDATE users SET status = 'suspended' WHERE id = ?`, id),
  deleted: ({ id }) =>
    change(
      `UPDATE users SET status = 'deleted', deleted_at = ?1, purge_after = ?1 + 1e9 WHERE id = ?2`,
      Date.now(),
      id,
    ),
  'without a password': ({ id }) => change('DELETE FROM credentials WHERE user_id = ?', id),
}

type Send = (email: string, caller: Person) => Promise<{ status: number }>

/** The requests whose answer does not depend on the account of an address. */
const requests: Record<string, Send> = {
  'a private registration': (email) => post('/auth/register', { email, password: PASSWORD }, options),
  'a private registration with Sec-GPC': (email) =>
    post('/auth/register', { email, password: PASSWORD }, { ...options, headers: GPC }),
  'a private registration with a consent': (email) =>
    post('/auth/register', { email, password: PASSWORD, consents }, options),
  'a forgotten password': (email) => post('/auth/reset-password', { email }, options),
  'a verification mail': (email) => post('/auth/verify-email/resend', { email }, options),
  'a wrong password': (email) => post('/auth/login', { email, password: 'not the password' }, options),
  'a wrong password after ten': async (email) => {
    for (let i = 0; i < 10; i++) await post('/auth/login', { email, password: 'not the password' }, options)
    return post('/auth/login', { email, password: 'not the password' }, options)
  },
  'a mail that signs in': (email) => post('/auth/email', { email }, options),
  'a sign-up without a password': (email) => post('/auth/sign-up', { email }, options),
  'a wrong code of a mail': async (email) => {
    const { body } = await post('/auth/email', { email }, options)
    return post('/auth/email/confirm', { request: body.request, code: '00000000' }, options)
  },
  'a change of one’s address': (email, { accessToken }) =>
    post('/users/me/email', { new_email: email }, { ...options, token: accessToken }),
}

/** @returns the status, and how many events the request has recorded, with the mails that follow */
async function eventsOf(send: Send, state: State): Promise<readonly [number, number]> {
  const [caller, owner] = [await newPerson({}, { app }), await newPerson({}, { app })]
  await change('UPDATE users SET is_verified = 1')
  await mailbox.collect()
  await prepare[state](owner)
  const before = await countOf('audit_events')
  const { status } = await send(state === 'no account' ? 'nobody@example.com' : owner.email, caller)
  await mailbox.collect()
  return [status, (await countOf('audit_events')) - before]
}

describe('a request whose answer must not tell whether an address has an account', () => {
  test.each(Object.entries(requests))('K31 records equally many events either way: %s', async (_, send) => {
    const states = Object.keys(prepare) as State[]
    const found: Record<string, readonly [number, number]> = {}
    for (const state of states) found[state] = await eventsOf(send, state)
    const [status, events] = found['no account'] ?? []
    expect(events).toBeGreaterThan(0)
    expect(found).toEqual(Object.fromEntries(states.map((state) => [state, [status, events]])))
  })
})
