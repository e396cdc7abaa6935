import { sql } from 'drizzle-orm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deleteExpiredRows } from '../../src/compliance/delete-expired-rows.ts'
import { together } from '../../src/core/for-all.ts'
import { userIdSchema } from '../../src/core/ids.ts'
import { isNotice, type MailTemplate, mailKinds, type NoticeTemplate } from '../../src/core/mail.ts'
import { newMailOutbox } from '../../src/core/ports.ts'
import { type MailOrder, orderMail } from '../../src/storage/database/outbox-mail.ts'
import { burst, call, type Person, post, statuses } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox } from '../support/mailbox.ts'
import { newUser } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { runCron } from '../support/service.ts'
import { change, events, prove, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const MINUTE_MS = 60_000
const templates = Object.keys(mailKinds) as MailTemplate[]
const notices = templates.filter(isNotice)

async function newProven(): Promise<Person> {
  const person = await newUser()
  await prove(person)
  await change('DELETE FROM mail_jobs')
  return person
}

async function order(person: Person, template: MailTemplate, now = Date.now()): Promise<void> {
  const about = { userId: userIdSchema.parse(person.id), onlyIf: sql`true` }
  const { db } = await jobContext(now)
  const ordered = (isNotice(template) ? { ...about, template } : { ...about, template, tokenId: 'token' }) as MailOrder
  await db.batch({ ordered: orderMail({ now, locale: null, outbox: newMailOutbox() }, ordered) })
}

const jobs = () =>
  rows('SELECT template, count(*) AS jobs, sum(held_back) AS held_back FROM mail_jobs GROUP BY 1 ORDER BY 1')

const sentOf = (template: NoticeTemplate, count: number) => ({ template, jobs: count, held_back: 0 })
const digestOf = (count: number) => ({ template: 'notices-held-back', jobs: 1, held_back: count })
const byTemplate = (one: { template: string }, other: { template: string }) => (one.template < other.template ? -1 : 1)

describe.each(templates.filter((template) => template !== 'notices-held-back'))('the mail %s', (template) => {
  test('P6 contains a token or a code, or is never sent to an unproven address', async () => {
    const stranger = await newUser()
    await change('DELETE FROM mail_jobs')
    await order(stranger, template)
    const written = await rows('SELECT template, token_id FROM mail_jobs')
    expect(written).toEqual(['token', 'request'].includes(mailKinds[template]) ? [{ template, token_id: 'token' }] : [])
  })
})

describe('the quota of notices', () => {
  test.each(notices)(
    'sends three %s an hour, ten with a link, and reports the others in one more mail',
    async (template) => {
      const person = await newProven()
      const start = Date.now()
      const most = mailKinds[template] === 'stoppable' ? 10 : 3
      for (let i = 0; i < most + 2; i++) await order(person, template, start + i)
      expect(await jobs()).toEqual([sentOf(template, most), digestOf(2)].sort(byTemplate))
      await order(person, template, start + 60 * MINUTE_MS + most + 5)
      expect(await jobs()).toEqual([sentOf(template, most + 1), digestOf(2)].sort(byTemplate))
    },
  )

  test('sends ten notices about losses an hour, of all templates together', async () => {
    const person = await newProven()
    const losses = notices.filter((template) => mailKinds[template] === 'loss')
    for (const template of losses) for (let i = 0; i < 3; i++) await order(person, template)
    const total = losses.length * 3
    const [{ sent } = { sent: 0 }] = await rows(`SELECT count(*) AS sent FROM mail_jobs WHERE held_back = 0`)
    expect(sent).toBe(10)
    expect(await rows('SELECT held_back FROM mail_jobs WHERE held_back > 0')).toEqual([{ held_back: total - 10 }])
  })

  test('keeps a separate quota for losses, and for each account', async () => {
    const [person, other] = [await newProven(), await newProven()]
    const sent = (who: Person) => rows('SELECT template FROM mail_jobs WHERE user_id = ? AND held_back = 0', who.id)
    for (let i = 0; i < 20; i++) for (const news of notices) if (mailKinds[news] === 'news') await order(person, news)
    const usedUp = await sent(person)
    await order(person, 'session-reuse')
    await order(other, 'new-device')
    expect(usedUp.length).toBeGreaterThan(0)
    expect(await sent(person)).toEqual(expect.arrayContaining([...usedUp, { template: 'session-reuse' }]))
    expect(await sent(person)).toHaveLength(usedUp.length + 1)
    expect(await sent(other)).toEqual([{ template: 'new-device' }])
  })

  test.each([2, 16])('is exact if %d are ordered at once', async (size) => {
    const person = await newProven()
    await order(person, 'new-device')
    await order(person, 'new-device')
    await Promise.all(Array.from({ length: size }, () => order(person, 'new-device')))
    expect(await jobs()).toEqual([sentOf('new-device', 3), digestOf(size - 1)])
  })

  test('stays in force while sent mails are removed', async () => {
    const person = await newProven()
    for (let i = 0; i < 3; i++) await order(person, 'new-device')
    await change('UPDATE mail_jobs SET sent_at = created_at')
    await deleteExpiredRows(await jobContext(), undefined, together)
    await order(person, 'new-device')
    expect(await jobs()).toEqual([sentOf('new-device', 3), digestOf(1)])
    await deleteExpiredRows(await jobContext(Date.now() + 61 * MINUTE_MS), undefined, together)
    expect(await jobs()).toEqual([digestOf(1)])
  })
})

describe('sign-ins from many new devices', () => {
  // Browsers and systems that the parser recognizes, so that each is a separate device.
  const agents = [
    'Firefox/1',
    'Chrome/1',
    'OPR/1',
    'Edg/1',
    'Vivaldi/1',
    'YaBrowser/1',
    'SamsungBrowser/1',
    'UCBrowser/1',
  ]
  const agentOf = (i: number) =>
    `Mozilla/5.0 (${i % 2 ? 'Windows NT 10.0' : 'X11; Linux x86_64'}) ${agents[Math.floor(i / 2) % agents.length]}.${i}`

  const signInFrom = (person: Person, using: Env, userAgent: string) =>
    post(
      '/auth/login',
      { email: person.email, password: 'correct horse battery staple' },
      { app, env: using, headers: { 'user-agent': userAgent } },
    )

  test('P6 send no mail to an unproven address', async () => {
    const mailbox = openMailbox()
    const person = await newUser()
    for (let i = 0; i < 6; i++) expect((await signInFrom(person, mailbox.env, agentOf(i))).status).toBe(200)
    expect(await mailbox.collect()).toEqual([])
  })

  test('send three mails an hour to a proven address, then one with the number of mails held back', async () => {
    const mailbox = openMailbox({ SIGN_IN_MAX_FAILURES: '100' })
    const person = await newProven()
    const answers = await burst(16, (i) => signInFrom(person, mailbox.env, agentOf(i)))
    expect(statuses(answers)).toEqual({ 200: 16 })
    const sent = await mailbox.collect()
    expect(sent).toHaveLength(3)
    const [{ held_back: heldBack } = { held_back: 0 }] = await rows(
      'SELECT held_back FROM mail_jobs WHERE held_back > 0',
    )
    expect(heldBack).toBeGreaterThan(5)
    await runCron(mailbox.env, '*/5 * * * *')
    expect(await mailbox.collect()).toEqual([])
    vi.setSystemTime(Date.now() + 62 * MINUTE_MS)
    await runCron(mailbox.env, '*/5 * * * *')
    const [digest, ...others] = await mailbox.collect()
    expect(others).toEqual([])
    expect(digest?.to).toBe(person.email)
    expect(digest?.text).toContain(String(heldBack))
  })

  test('O8 send no text that the client chose', async () => {
    const mailbox = openMailbox()
    const person = await newProven()
    await signInFrom(person, mailbox.env, 'Call-us-now/1.0 (Windows NT 10.0)')
    const [mail] = await mailbox.collect()
    expect(mail?.text).toContain('Windows')
    expect(mail?.text).not.toContain('Call')
  })

  test.each([2, 16])('start at most 120 sessions an hour, also with %d at once', async (size) => {
    const person = await newProven()
    const { env: using } = openMailbox({ LIMIT_FACTOR: '1', SIGN_IN_MAX_FAILURES: '100' })
    const until = Date.now() + 30 * MINUTE_MS
    await change('UPDATE users SET sign_in_count = 119, sign_ins_counted_until = ? WHERE id = ?', until, person.id)
    await change('DELETE FROM attempts')
    const answers = await burst(size, (i) => signInFrom(person, using, agentOf(i)))
    expect(statuses(answers)).toEqual({ 200: 1, 429: size - 1 })
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers.get('ratelimit-policy')).toBe('"user";q=120;w=3600')
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(29 * 60)
    expect(await events('limit.reached')).toMatchObject([{ subject_id: person.id, detail: { policy: 'sign-in' } }])
    expect(await rows('SELECT id FROM sessions WHERE user_id = ?', person.id)).toHaveLength(2)
    // Rejected requests stay counted for their network. Otherwise a client could cause hashing without limit.
    expect(await rows('SELECT count FROM attempts')).toEqual([{ count: size - 1 }])
    vi.setSystemTime(until + 1)
    expect((await signInFrom(person, using, agentOf(0))).status).toBe(200)
    expect(await rows('SELECT sign_in_count AS n FROM users WHERE id = ?', person.id)).toEqual([{ n: 1 }])
  })
})

describe('steps that depend on a notice', () => {
  test('a deletion stores its outcome for a retry, even if its notice is over the quota', async () => {
    const person = await newUser()
    const headers = { 'idempotency-key': 'key' }
    const remove = () => call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken, headers })
    const first = await remove()
    expect(first.status).toBe(202)
    expect(await remove()).toMatchObject({ status: 202, body: first.body })
    expect(await rows("SELECT id FROM mail_jobs WHERE template = 'account-deleted'")).toEqual([])
  })
})
