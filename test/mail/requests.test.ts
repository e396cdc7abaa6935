import { afterEach, describe, expect, test, vi } from 'vitest'
import { newPerson, type Person, post } from '../support/api.ts'
import { failing } from '../support/around-stores.ts'
import { listenToConsole } from '../support/console.ts'
import { deliverMails, type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { runCron } from '../support/service.ts'
import { row, rows } from '../support/stores.ts'

const HOUSEKEEPING = '*/5 * * * *'
const NEW_PASSWORD = 'another horse battery staple'
const ways = ['/auth/reset-password', '/auth/verify-email/resend'] as const

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Registered, not verified, and mailed already. */
async function person(mailbox: Mailbox): Promise<Person> {
  const created = await newPerson({}, { env: mailbox.env })
  await mailbox.collect()
  return created
}

const requests = () => rows('SELECT id FROM mail_requests')

/** Counters come once a window and subject, whoever that is. */
const tables = schemaTables.map(({ name }) => name).filter((name) => name !== 'attempts')
const countRows = () => row(`SELECT ${tables.map((name) => `(SELECT count(*) FROM ${name}) AS ${name}`).join(', ')}`)

describe.each(ways)('POST %s', (path) => {
  const ask = (email: string, mailbox: Mailbox) => post(path, { email }, { env: mailbox.env })

  test('E2 writes the same rows for a known address, again, and for an unknown one', async () => {
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

  test.each([2, 16, 100])('a request that is delivered %i times at once becomes one mail', async (times) => {
    const mailbox = openMailbox()
    const { email } = await person(mailbox)
    await ask(email, mailbox)
    const [message] = mailbox.messages.splice(0)
    const before = mailbox.mails.length
    await Promise.all(Array.from({ length: times }, () => deliverMails([message], mailbox.env)))
    await deliverMails([message, message], mailbox.env)
    expect(mailbox.mails.slice(before).map(({ to }) => to)).toEqual([email])
    expect(await requests()).toEqual([])
  })

  test('a request for an address that nobody has leaves nothing behind', async () => {
    const mailbox = openMailbox()
    await ask('nobody@example.com', mailbox)
    expect(await requests()).toHaveLength(1)
    expect(await mailbox.collect()).toEqual([])
    for (const table of ['mail_requests', 'mail_jobs', 'one_time_tokens'])
      expect(await rows(`SELECT * FROM ${table}`)).toEqual([])
  })

  test('a queue that is down loses no request: the sweep sends it', async () => {
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

  test('a database that fails while it looks up whose address it is delays the mail, and voids no link', async () => {
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

  test('what no queue takes for three days is forgotten', async () => {
    const mailbox = openMailbox()
    await ask((await person(mailbox)).email, mailbox)
    mailbox.messages.length = 0
    vi.setSystemTime(Date.now() + 73 * 3_600_000)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await requests()).toEqual([])
    expect(await mailbox.collect()).toEqual([])
  })
})

test('the mail speaks the language of who asked', async () => {
  const mailbox = openMailbox()
  const { email } = await person(mailbox)
  await post('/auth/reset-password', { email }, { env: mailbox.env, headers: { 'accept-language': 'de' } })
  expect((await mailbox.collect())[0]?.text).toContain('Passwort')
})

test('what was asked for again before its mail was ordered becomes one mail', async () => {
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

test('O2 of two requests that come to one mail each, the newer link works', async () => {
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
