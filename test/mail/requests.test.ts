import { afterEach, describe, expect, test, vi } from 'vitest'
import { together } from '../../src/core/for-all.ts'
import { reindexUsers } from '../../src/keys/reindex-users.ts'
import { call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { type Around, failing, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { deliverMails, type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countsOf, row, rows } from '../support/stores.ts'

const HOUSEKEEPING = '*/5 * * * *'
const NEW_PASSWORD = 'another horse battery staple'
const ways = ['/auth/reset-password', '/auth/verify-email/resend'] as const

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A registered, unverified user whose first mail was sent. */
async function person(mailbox: Mailbox): Promise<Person> {
  const created = await newPerson({}, { env: mailbox.env })
  await mailbox.collect()
  return created
}

const requests = () => rows('SELECT id FROM mail_requests')

/** Counters are created once for each window and subject, for every kind of subject. */
const tables = schemaTables.map(({ name }) => name).filter((name) => name !== 'attempts')
const countRows = () => countsOf(tables)

describe.each(ways)('POST %s', (path) => {
  const ask = (email: string, mailbox: Mailbox) => post(path, { email }, { env: mailbox.env })

  test('E2 writes the same rows for a known address, for a repeated request, and for an unknown address', async () => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    const written = []
    for (const address of [email, email, 'nobody@example.com']) {
      const before = await countRows()
      expect((await ask(address, mailbox)).status).toBe(202)
      const after = await countRows()
      written.push(Object.fromEntries(tables.map((table) => [table, Number(after[table]) - Number(before[table])])))
    }
    expect(written[0]).toMatchObject({ mail_requests: 1, audit_events: 1, mail_jobs: 0, one_time_tokens: 0 })
    expect(written[1]).toEqual(written[0])
    expect(written[2]).toEqual(written[0])
  })

  test.each(SIZES)('a request that is delivered %i times at once becomes one mail', async (times) => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    await ask(email, mailbox)
    const [message] = mailbox.messages.splice(0)
    await ask('somebody.else@example.com', mailbox)
    const before = mailbox.mails.length
    const givenBack = await Promise.all(Array.from({ length: times }, () => deliverMails([message], mailbox.env)))
    givenBack.push(await deliverMails([message, message], mailbox.env))
    expect(givenBack.flat()).toEqual([])
    expect(mailbox.mails.slice(before).map(({ to }) => to)).toEqual([email])
    expect(await requests()).toHaveLength(1)
  })

  test('a request for an unknown address leaves no data', async () => {
    const mailbox = openMailbox()
    await ask('nobody@example.com', mailbox)
    expect(await requests()).toHaveLength(1)
    expect(await mailbox.collect()).toEqual([])
    for (const table of ['mail_requests', 'mail_jobs', 'one_time_tokens'])
      expect(await rows(`SELECT * FROM ${table}`)).toEqual([])
  })

  test('a queue that is down loses no request: the cron sends it', async () => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    const MAIL_QUEUE = { sendBatch: () => Promise.reject(new Error('queue down')) }
    expect((await post(path, { email }, { env: { ...mailbox.env, MAIL_QUEUE } as unknown as Env })).status).toBe(202)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(mailbox.messages).toEqual([])
    vi.setSystemTime(Date.now() + 61_000)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect((await mailbox.collect()).map(({ to }) => to)).toEqual([email])
  })

  test('a database that fails during the look-up of the account delays the mail, and invalidates no link', async () => {
    listenToConsole()
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    await ask(email, mailbox)
    const older = tokenIn((await mailbox.collect())[0])
    await ask(email, mailbox)
    const [message] = mailbox.messages.splice(0)
    let batches = 0
    const { DB } = failing((call) => call === 'DB.batch' && ++batches === 2)
    expect(await deliverMails([message], { ...mailbox.env, DB })).toHaveLength(1)
    expect(await requests()).toHaveLength(1)
    const use = (token: string) =>
      path === '/auth/reset-password'
        ? post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })
        : post('/auth/verify-email', { token })
    expect((await use(older)).status).toBe(204)
  })

  test.each([
    ['fails', false],
    ['is done, and its reply lost', true],
  ])('for each call of the consumer that %s: one mail in the end, with a link that works', async (_, isDone) => {
    listenToConsole()
    let failed = true
    for (let nth = 1; failed; nth++) {
      const mailbox = openMailbox()
      const { email } = await newPerson({}, { app, env: mailbox.env })
      await mailbox.collect()
      await ask(email, mailbox)
      const [message] = mailbox.messages.splice(0)
      const before = mailbox.mails.length
      let calls = 0
      const around: Around = async (_, run) => {
        if (++calls !== nth) return run()
        if (isDone) await run()
        throw new Error('connection lost')
      }
      await deliverMails([message], interceptStores(around, {}, mailbox.env))
      failed = calls >= nth
      vi.setSystemTime(Date.now() + 121_000)
      await deliverMails([message], mailbox.env)
      const mails = mailbox.mails.slice(before)
      // If a sent mail was not marked, a copy may follow. It has the same reference, by which receivers drop
      // it.
      expect(new Set(mails.map(({ to, headers }) => `${to} ${headers['X-Entity-Ref-ID']}`)).size).toBe(1)
      const use = path === ways[0] ? '/auth/reset-password/confirm' : '/auth/verify-email'
      const body = { token: tokenIn(mails.at(-1)), ...(path === ways[0] && { new_password: NEW_PASSWORD }) }
      expect((await post(use, body, { app })).status).toBe(204)
      expect(await requests()).toEqual([])
      if (!failed) expect(nth).toBeGreaterThan(5)
    }
  })

  test('a request that no queue accepts for three days is removed', async () => {
    const mailbox = openMailbox()
    await ask((await person(mailbox)).email, mailbox)
    mailbox.messages.length = 0
    vi.setSystemTime(Date.now() + 73 * 3_600_000)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await requests()).toEqual([])
    expect(await mailbox.collect()).toEqual([])
  })
})

describe('a change between a request and its mail takes precedence', () => {
  /**
   * Sends a request, makes a change a second later, and then lets the consumer order the mail.
   * @returns the mails that were sent
   */
  async function asked(path: (typeof ways)[number], email: string, mailbox: Mailbox, happens: () => Promise<unknown>) {
    vi.setSystemTime(Date.now())
    await post(path, { email }, { env: mailbox.env })
    const waiting = mailbox.messages.splice(0)
    vi.setSystemTime(Date.now() + 1000)
    await happens()
    await mailbox.collect()
    mailbox.messages.push(...waiting)
    const mails = await mailbox.collect()
    expect(await requests()).toEqual([])
    return mails
  }

  test('O5 a changed password: no link to reset it', async () => {
    const mailbox = openMailbox()
    const { email, accessToken } = await person(mailbox)
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD }
    const mails = await asked(ways[0], email, mailbox, () =>
      post('/users/me/password', body, { token: accessToken, env: mailbox.env }),
    )
    expect(mails).toEqual([])
  })

  test('D6 a deletion: no link to restore the account', async () => {
    const mailbox = openMailbox()
    const { email, accessToken } = await person(mailbox)
    const mails = await asked(ways[0], email, mailbox, () =>
      call('/api/v1/users/me', { method: 'DELETE', token: accessToken, env: mailbox.env }),
    )
    expect(mails).toEqual([])
  })

  test('O6 a changed address: no mail to the old one, and none to the new', async () => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    const mails = await asked(ways[0], email, mailbox, () => change("UPDATE users SET email_index = 'another'"))
    expect(mails).toEqual([])
  })

  test('a verified address: no link to verify it again', async () => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    const mails = await asked(ways[1], email, mailbox, () => change('UPDATE users SET is_verified = 1'))
    expect(mails).toEqual([])
  })

  test('a later account gets no mail for a request from before its registration', async () => {
    const mailbox = openMailbox()
    const email = 'later@example.com'
    const mails = await asked(ways[0], email, mailbox, async () => {
      const { status } = await post('/auth/register', { email, password: PASSWORD }, { env: mailbox.env })
      expect(status).toBe(201)
    })
    expect(mails).toEqual([])
  })

  test.each(ways)('O2 %s: a link that was created later stays valid', async (path) => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    let newer: string | undefined
    const mails = await asked(path, email, mailbox, async () => {
      await post(path, { email }, { env: mailbox.env })
      newer = tokenIn((await mailbox.collect())[0])
    })
    expect(mails).toEqual([])
    const use = path === ways[0] ? '/auth/reset-password/confirm' : '/auth/verify-email'
    const body = { token: newer, ...(path === ways[0] && { new_password: NEW_PASSWORD }) }
    expect((await post(use, body)).status).toBe(204)
  })

  test('D4 a rotation of the root key: the user is found by the new index', async () => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    const mails = await asked(ways[0], email, mailbox, async () => {
      const ctx = await jobContext(Date.now(), envWithKeys([2, 1], mailbox.env))
      expect((await reindexUsers(ctx, undefined, 10, together)).counts.reindexed).toBe(1)
      expect((await row('SELECT email_index FROM users')).email_index).toMatch(/^2\./)
    })
    expect(mails.map(({ to }) => to)).toEqual([email])
  })
})

test('the mail is in the language of the request', async () => {
  const mailbox = openMailbox()
  const { email } = await person(mailbox)
  await post('/auth/reset-password', { email }, { env: mailbox.env, headers: { 'accept-language': 'de' } })
  expect((await mailbox.collect())[0]?.text).toContain('Passwort')
})

test('a repeated request before the mail was ordered becomes one mail', async () => {
  const mailbox = openMailbox()
  const { email } = await person(mailbox)
  const other = await person(mailbox)
  for (const address of [email, other.email, email]) await post(ways[0], { email: address }, { env: mailbox.env })
  await post(ways[1], { email }, { env: mailbox.env })
  const mails = await mailbox.collect()
  expect(mails.map(({ to }) => to)).toEqual([other.email, email, email])
  expect(new Set(mails.map(({ subject }) => subject)).size).toBe(2)
  expect(await requests()).toEqual([])
})

test('O2 of two requests with one mail each, the newer link works', async () => {
  const mailbox = openMailbox()
  const { email } = await person(mailbox)
  const tokens: string[] = []
  for (let i = 0; i < 2; i++) {
    await post(ways[0], { email }, { env: mailbox.env })
    tokens.push(tokenIn((await mailbox.collect())[0]))
  }
  const statuses = []
  for (const token of tokens)
    statuses.push((await post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD })).status)
  expect(statuses).toEqual([400, 204])
})
