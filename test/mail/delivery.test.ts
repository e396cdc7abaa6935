import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { burst, call, newPerson, PASSWORD, post } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { failing } from '../support/intercept-stores.ts'
import { deliverMails, linkIn, openJobs, openMailbox, tokenIn } from '../support/mailbox.ts'
import { deliver, rows, runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const HOUSEKEEPING = '*/5 * * * *'
const register = (email: string, using: Env, headers: Record<string, string> = {}, extra: object = {}) =>
  post('/auth/register', { email, password: PASSWORD, ...extra }, { env: using, headers })

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('a registration mails one link to the address, in a mail that is marked as automatic', async () => {
  const mailbox = openMailbox({ PRODUCT_NAME: 'Acme', MAIL_FROM: 'Acme <no-reply@acme.example>' })
  await register('Ada@Example.com', mailbox.env)
  const [mail, ...others] = await mailbox.collect()
  expect(others).toEqual([])
  expect(mail).toMatchObject({
    to: 'Ada@example.com',
    from: { name: 'Acme', email: 'no-reply@acme.example' },
    headers: { 'Auto-Submitted': 'auto-generated' },
  })
  expect(mail?.subject).toContain('Acme')
  expect((await post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(204)
  expect(await openJobs()).toEqual([])
})

test('O3 a link leads to the configured address, whatever is in Host and forwarded headers', async () => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
  const own = openMailbox()
  await register('ada@example.com', own.env, headers)
  expect(linkIn((await own.collect())[0]).href).toMatch(
    /^https:\/\/latchkey\.test\/account\/verify-email#token=lk_verify_/,
  )
  const elsewhere = openMailbox({ MAIL_LINK_BASE: 'https://app.example/welcome' })
  await register('grace@example.com', elsewhere.env, headers)
  expect(linkIn((await elsewhere.collect())[0]).href).toMatch(/^https:\/\/app\.example\/welcome\/verify-email#token=/)
})

test('O1 neither database nor queue contains an address or a usable token', async () => {
  const mailbox = openMailbox()
  await register('canary.address@example.com', mailbox.env)
  const queued = JSON.stringify(mailbox.messages)
  const token = tokenIn((await mailbox.collect())[0])
  const mac = token.slice(token.lastIndexOf('.') + 1)
  const tables = await Promise.all(
    ['mail_jobs', 'one_time_tokens', 'users'].map((table) => rows(`SELECT * FROM ${table}`)),
  )
  for (const text of [queued, JSON.stringify(tables)]) {
    expect(text).not.toContain(mac)
    expect(text).not.toContain('canary.address')
  }
})

test('a mail is in the language of the profile, otherwise of the browser', async () => {
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env, { 'accept-language': 'de-AT,en;q=0.5' })
  await register('grace@example.com', mailbox.env, { 'accept-language': 'de' }, { preferences: { locale: 'en-GB' } })
  await register('joan@example.com', mailbox.env, { 'accept-language': 'fr' })
  const subjects = (await mailbox.collect()).map(({ subject }) => subject)
  expect(subjects[0]).toMatch(/Bestätigen/)
  expect(subjects[1]).not.toMatch(/Bestätigen/)
  expect(subjects[2]).toBe(subjects[1])
})

test.each(SIZES)('a job that is delivered %i times at once is sent once', async (times) => {
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  const [message] = mailbox.messages
  await Promise.all(Array.from({ length: times }, () => deliverMails([message], mailbox.env)))
  await deliverMails([message, message], mailbox.env)
  expect(mailbox.mails).toHaveLength(1)
})

test('a job behind a slow one in its batch is claimed for as long as any other', async () => {
  const mailbox = openMailbox()
  for (const name of ['ada', 'grace']) await register(`${name}@example.com`, mailbox.env)
  const messages = mailbox.messages.splice(0)
  const sent: string[] = []
  const EMAIL = {
    async send({ to }: { to: string }) {
      sent.push(to)
      if (sent.length === 1) vi.setSystemTime(Date.now() + 3 * 60_000)
      if (sent.length === 2) await deliverMails([messages[1]], { ...mailbox.env, EMAIL } as unknown as Env)
    },
  }
  await deliverMails(messages, { ...mailbox.env, EMAIL } as unknown as Env)
  expect(sent).toEqual(['ada@example.com', 'grace@example.com'])
})

test('a transport that never answers is aborted before the lease ends, and delays no other mail', async () => {
  listenToConsole()
  const mailbox = openMailbox()
  for (const name of ['ada', 'grace']) await register(`${name}@example.com`, mailbox.env)
  const sent: string[] = []
  const EMAIL = {
    send: ({ to }: { to: string }) => {
      sent.push(to)
      return to.startsWith('ada') ? new Promise(() => undefined) : Promise.resolve()
    },
  }
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const delivered = deliverMails(mailbox.messages, { ...mailbox.env, EMAIL } as unknown as Env)
  await vi.waitFor(() => expect(sent).toEqual(['ada@example.com']), { interval: 1 })
  vi.advanceTimersByTime(119_000)
  expect(await delivered).toHaveLength(1)
  expect(sent).toEqual(['ada@example.com', 'grace@example.com'])
})

test('a mail that waits longer than the lifetime of its link is still sent with a valid link', async () => {
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  mailbox.messages.length = 0
  vi.setSystemTime(Date.now() + 24 * 3_600_000)
  await runCron(mailbox.env)
  await runCron(mailbox.env, HOUSEKEEPING)
  const [mail] = await mailbox.collect()
  expect((await post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(204)
})

test('a mail that cannot be sent is tried again, later each time, with the same reference', async () => {
  const console = listenToConsole()
  const mailbox = openMailbox()
  mailbox.setDown(true)
  await register('ada@example.com', mailbox.env)
  const [message] = mailbox.messages
  const delays: number[] = []
  vi.setSystemTime(Date.now())
  for (let attempt = 0; attempt < 9; attempt++) {
    expect(await deliverMails([message], mailbox.env)).toHaveLength(1)
    const [job] = await rows<{ claimed_until: number }>('SELECT claimed_until FROM mail_jobs')
    const delayMs = (job?.claimed_until ?? 0) - Date.now()
    delays.push(delayMs / 1000)
    vi.setSystemTime(Date.now() + delayMs)
  }
  expect(delays).toEqual([15, 30, 60, 120, 240, 480, 900, 900, 900])
  mailbox.setDown(false)
  expect(await deliverMails([message], mailbox.env)).toEqual([])
  const [job] = await rows('SELECT id, sent_at, attempts, last_error FROM mail_jobs')
  expect(job).toMatchObject({ attempts: 10, last_error: null })
  expect(mailbox.mails[0]?.headers['X-Entity-Ref-ID']).toBe(job?.id)
  expect(console.text()).not.toContain('example.com')
})

test('during an outage of an hour the answers are the same, and then every mail arrives once with a valid link', async () => {
  listenToConsole()
  const mailbox = openMailbox()
  mailbox.setDown(true)
  const answers = await burst(8, (n) => register(`person${n}@example.com`, mailbox.env))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await mailbox.collect()
    vi.setSystemTime(Date.now() + 5 * 60_000)
    await runCron(mailbox.env, HOUSEKEEPING)
  }
  expect(mailbox.mails).toEqual([])
  mailbox.setDown(false)
  vi.setSystemTime(Date.now() + 15 * 60_000)
  await runCron(mailbox.env, HOUSEKEEPING)
  const mails = await mailbox.collect()
  await runCron(mailbox.env, HOUSEKEEPING)
  await mailbox.collect()
  expect(mailbox.mails).toHaveLength(8)
  expect(new Set(mails.map(({ to }) => to)).size).toBe(8)
  vi.setSystemTime(Date.now() + 59 * 60_000)
  for (const mail of mails) expect((await post('/auth/verify-email', { token: tokenIn(mail) })).status).toBe(204)
})

test('the cron sends more than a queue takes at once', async () => {
  const mailbox = openMailbox()
  const { id } = await newPerson()
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
     INSERT INTO mail_jobs (id, user_id, template, created_at) SELECT printf('job-%04d', i), ?, 'new-device', ? FROM n`,
  )
    .bind(id, Date.now() - 61_000)
    .run()
  await runCron(mailbox.env, HOUSEKEEPING)
  expect(new Set(mailbox.messages.map((message) => message.id)).size).toBe(250)
})

test('a queue that is down loses no mail and stops no registration', async () => {
  const mailbox = openMailbox()
  const down = {
    ...mailbox.env,
    MAIL_QUEUE: { sendBatch: () => Promise.reject(new Error('queue down')) },
  } as unknown as Env
  expect((await register('ada@example.com', down)).status).toBe(201)
  expect(mailbox.messages).toEqual([])
  vi.setSystemTime(Date.now() + 61_000)
  await runCron(mailbox.env, HOUSEKEEPING)
  expect(await mailbox.collect()).toHaveLength(1)
})

test('a database that fails after the mail was sent causes a copy with the same reference', async () => {
  listenToConsole()
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  const [message] = mailbox.messages
  let batches = 0
  const { DB } = failing((call) => call === 'DB.batch' && ++batches === 2)
  expect(await deliverMails([message], { ...mailbox.env, DB })).toHaveLength(1)
  vi.setSystemTime(Date.now() + 121_000)
  await deliverMails([message], mailbox.env)
  expect(new Set(mailbox.mails.map(({ headers }) => headers['X-Entity-Ref-ID'])).size).toBe(1)
  expect(await openJobs()).toEqual([])
})

test.each(['VAULT', 'DB'])('a failing %s delays a mail but does not lose it', async (store) => {
  listenToConsole()
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  const [message] = mailbox.messages
  const faulty = failing((call) => call.startsWith(`${store}.`) || (store === 'VAULT' && call.startsWith('KEY_CACHE.')))
  const using = { ...faulty, EMAIL: mailbox.env.EMAIL } as Env
  expect(await deliverMails([message], using)).toHaveLength(1)
  vi.setSystemTime(Date.now() + 20_000)
  await deliverMails([message], mailbox.env)
  expect(mailbox.mails).toHaveLength(1)
})

test('a link that was replaced before its mail was sent is not sent', async () => {
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  const delayed = mailbox.messages.splice(0)
  await post('/auth/verify-email/resend', { email: 'ada@example.com' }, { env: mailbox.env })
  expect(await mailbox.collect()).toHaveLength(1)
  expect(await deliverMails(delayed, mailbox.env)).toEqual([])
  expect(mailbox.mails).toHaveLength(1)
  expect(await rows("SELECT id FROM mail_jobs WHERE last_error = 'void'")).toHaveLength(1)
})

test('an erased person gets no mail', async () => {
  const mailbox = openMailbox()
  const { id } = await newPerson({}, { env: mailbox.env })
  await env.VAULT.delete(`keys/${id}`)
  await env.KEY_CACHE.delete(`dek:${id}`)
  await deliverMails(mailbox.messages, { ...mailbox.env })
  expect(mailbox.mails).toEqual([])
})

test('a mail that no transport accepts for three days is given up, and then removed', async () => {
  listenToConsole()
  const mailbox = openMailbox()
  mailbox.setDown(true)
  await register('ada@example.com', mailbox.env)
  vi.setSystemTime(Date.now() + 73 * 3_600_000)
  await runCron(mailbox.env)
  expect(await openJobs()).toEqual([])
  vi.setSystemTime(Date.now() + 15 * 86_400_000)
  await runCron(mailbox.env)
  expect(await rows('SELECT id FROM mail_jobs')).toEqual([])
})

test('an invalid message, and one that the queue gave up on, are kept for the operator', async () => {
  listenToConsole()
  const mailbox = openMailbox()
  expect(await deliverMails([{ to: 'x' }], mailbox.env)).toEqual([])
  expect(await deliver([{ id: 'some-job' }], mailbox.env, 'latchkey-mail-dead')).toBe(true)
  expect(await rows('SELECT queue FROM dead_letters ORDER BY queue')).toEqual([
    { queue: 'latchkey-mail' },
    { queue: 'latchkey-mail-dead' },
  ])
})

test('an HTTP API gets the reference as its idempotency key, and its errors do not reach the client', async () => {
  listenToConsole()
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValueOnce(new Response('{"id":"1"}'))
  const settings = { MAIL_TRANSPORT: 'http', MAIL_HTTP_TOKEN: 're_secret', MAIL_FROM: 'Acme <a@acme.example>' }
  const mailbox = openMailbox(settings)
  await register('ada@example.com', mailbox.env)
  const [message] = mailbox.messages
  await deliverMails([message], mailbox.env)
  const [url, init] = fetched.mock.calls[0] ?? []
  expect(url).toBe('https://api.resend.com/emails')
  expect(init?.headers).toMatchObject({ authorization: 'Bearer re_secret', 'idempotency-key': message?.id })
  expect(JSON.parse(String(init?.body))).toMatchObject({ from: 'Acme <a@acme.example>', to: ['ada@example.com'] })
  expect(await openJobs()).toEqual([])

  fetched.mockResolvedValue(new Response('ada@example.com is on a list', { status: 422 }))
  expect((await register('grace@example.com', mailbox.env)).status).toBe(201)
  expect(await deliverMails([mailbox.messages[1]], mailbox.env)).toHaveLength(1)
  expect(await rows('SELECT last_error FROM mail_jobs WHERE sent_at IS NULL')).toEqual([
    { last_error: 'MailApiError422' },
  ])
})

test.each([
  [
    'redirects',
    () => new Response(null, { status: 307, headers: { location: 'https://127.0.0.1/' } }),
    'MailApiError307',
  ],
  ['breaks off', () => Promise.reject(new TypeError('ada@example.com')), 'OutboundUnreachable'],
])('an HTTP API that %s is asked once, and tried again later', async (_, respond, error) => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => respond())
  const mailbox = openMailbox({ MAIL_TRANSPORT: 'http', MAIL_HTTP_TOKEN: 're_secret' })
  await register('ada@example.com', mailbox.env)
  expect(await deliverMails(mailbox.messages, mailbox.env)).toHaveLength(1)
  expect(fetched).toHaveBeenCalledOnce()
  expect(await rows('SELECT last_error FROM mail_jobs WHERE sent_at IS NULL')).toEqual([{ last_error: error }])
})

test('what an HTTP API writes below its status is not read, however long', async () => {
  let isCancelled = false
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: () => {
      isCancelled = true
    },
  })
  vi.spyOn(globalThis, 'fetch').mockResolvedValueOnce(new Response(endless, { status: 202 }))
  const mailbox = openMailbox({ MAIL_TRANSPORT: 'http', MAIL_HTTP_TOKEN: 're_secret' })
  await register('ada@example.com', mailbox.env)
  await deliverMails(mailbox.messages, mailbox.env)
  expect(isCancelled).toBe(true)
  expect(await openJobs()).toEqual([])
})

test('the console transport prints code and link, and is rejected unless the service runs on this machine', async () => {
  const console = listenToConsole()
  const local = openMailbox({ MAIL_TRANSPORT: 'console', ISSUER: 'http://localhost:8787' })
  await register('ada@example.com', local.env)
  await local.collect()
  expect(console.text()).toMatch(/http:\/\/localhost:8787\/account\/verify-email#token=lk_verify_/)
  await post('/auth/email', { email: 'ada@example.com' }, { env: local.env })
  await local.collect()
  expect(console.text()).toMatch(/^ {2}\d{8}\n {2}http:\/\/localhost:8787\/account\/sign-in#token=lk_signin_/m)
  expect(console.text()).not.toContain('ada@example.com')
  expect((await register('grace@example.com', openMailbox({ MAIL_TRANSPORT: 'console' }).env)).status).toBe(503)
})

test('without a sender every mail is given up at once, without a warning, and is not sent when there is one', async () => {
  const console = listenToConsole()
  const mailbox = openMailbox({ MAIL_TRANSPORT: 'off' })
  await register('ada@example.com', mailbox.env)
  await post('/auth/reset-password', { email: 'ada@example.com' }, { env: mailbox.env })
  expect(await deliverMails(mailbox.messages, mailbox.env)).toEqual([])
  expect(await rows('SELECT DISTINCT last_error, sent_at, payload_enc FROM mail_jobs')).toEqual([
    { last_error: 'MailOff', sent_at: null, payload_enc: null },
  ])
  expect(await rows('SELECT id FROM mail_requests')).toEqual([])
  expect(console.text()).not.toMatch(/mail_failed|mail_refused/)
  const later = openMailbox()
  await deliverMails(mailbox.messages, later.env)
  await runCron(later.env, HOUSEKEEPING)
  expect([...mailbox.mails, ...later.mails]).toEqual([])
})

test('GET of a page or a route uses up no token (O4)', async () => {
  const mailbox = openMailbox()
  await register('ada@example.com', mailbox.env)
  const token = tokenIn((await mailbox.collect())[0])
  for (const method of ['GET', 'HEAD']) {
    expect((await call(`/api/v1/auth/verify-email?token=${token}`, { method })).status).toBe(405)
  }
  expect((await post('/auth/verify-email', { token })).status).toBe(204)
})
