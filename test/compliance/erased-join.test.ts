import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { call, PASSWORD, type Person, post } from '../support/api.ts'
import { type Console, listenToConsole } from '../support/console.ts'
import { EVENT_ID, hasFineTime, inBucket, inDatabase, inSpace } from '../support/held-by-stores.ts'
import { mirroredEnv } from '../support/intercept-stores.ts'
import { bundleAll, giveOldEvents } from '../support/old-events.ts'
import { act, ask, grant, newAdmin, newUser, withTwoFactors } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { deliver, runCron, unarchivedEvents } from '../support/service.ts'
import { rows } from '../support/stores.ts'
import { importPeople } from '../support/user-imports.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FIVE_MINUTES = '*/5 * * * *'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passMs = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** The environment with a mirror of the vault, and everything that is sent to a queue from now on. */
function watchedEnv(): { readonly watched: Env; readonly sent: string[] } {
  const sent: string[] = []
  const inner = mirroredEnv()
  const keep = <Body>(queue: Queue<Body>): Queue<Body> =>
    ({
      ...queue,
      send: async (body: Body) => void sent.push(JSON.stringify(body)),
      sendBatch: async (messages: Iterable<MessageSendRequest<Body>>) => {
        for (const { body } of messages) sent.push(JSON.stringify(body))
      },
    }) as unknown as Queue<Body>
  const watched = { ...inner, AUDIT_QUEUE: keep(inner.AUDIT_QUEUE), MAIL_QUEUE: keep(inner.MAIL_QUEUE) } as Env
  return { watched, sent }
}

const signIn = async (person: Person) => {
  const { body } = await call('/api/v1/auth/login', { body: { email: person.email, password: PASSWORD }, app })
  return body
}

/** Leaves something of an operator in every store: events, an import, exports, mails, a restore, a bundle. */
async function leaveTraces(person: Person, subject: Person): Promise<void> {
  expect((await act(person, subject, 'suspend', { note: 'a case' })).status).toBe(200)
  expect((await act(person, subject, 'legal-hold', { action: 'place' })).status).toBe(200)
  expect((await act(person, subject, 'legal-hold', { action: 'lift' })).status).toBe(200)
  await ask(person, '/users')
  await ask(person, `/users/${subject.id}`)
  await importPeople(person, [{ email: `imported-${crypto.randomUUID()}@example.com` }])
  const token = person.accessToken
  expect((await call('/api/v1/users/me/export', { method: 'POST', token })).status).toBe(202)
  await giveOldEvents(person, { count: 3, fromMs: Date.now() - 200 * DAY_MS })
  await bundleAll()
  await call('/api/v1/users/me', { method: 'DELETE', token })
  const { restore_token } = await signIn(person)
  expect((await post('/auth/restore', { token: restore_token })).status).toBe(200)
}

test('K27 after two purges, a join over all stores finds no id of either beside an event, a request or a fine time', async () => {
  const written: Console = listenToConsole()
  const { watched, sent } = watchedEnv()
  const [person, other, subject, admin] = [await newUser(), await newUser(), await newUser(), await newAdmin()]
  await grant(person, 'admin')
  await leaveTraces(await withTwoFactors(person), subject)
  const events = await unarchivedEvents()
  await deliver(events, watched)
  const ids = [
    person.id,
    other.id,
    ...(await rows('SELECT id FROM sessions WHERE user_id IN (?, ?)', person.id, other.id)).map(({ id }) => String(id)),
  ]
  const requests = (await rows('SELECT DISTINCT request_id FROM audit_events')).map((one) => String(one.request_id))
  await runCron(watched)
  expect((await act(admin, other, 'erase', { immediate: true })).status).toBe(202)
  expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(202)
  const last = await unarchivedEvents()
  await deliver(last, watched)
  const before = written.text().length
  const beforeSent = sent.length
  passMs(6 * 60_000)
  await runCron(watched)
  // A queue delivers a message more than once, and a late one becomes a dead letter.
  await deliver([...events, ...last], watched)
  await deliver(await unarchivedEvents(), watched)
  for (let hours = 0; hours < 3; hours++) {
    passMs(HOUR_MS + 1000)
    await runCron(watched, FIVE_MINUTES)
    await deliver(await unarchivedEvents(), watched)
  }
  for (const { id } of [person, other]) expect(await env.VAULT.head(`keys/${id}`)).toBeNull()

  const everything = [
    ...(await inDatabase()),
    ...(await inBucket('VAULT', env.VAULT)),
    ...(await inBucket('VAULT_MIRROR', mirroredEnv().VAULT_MIRROR)),
    ...(await inBucket('ARCHIVE', env.ARCHIVE)),
    ...(await inSpace('SESSIONS', env.SESSIONS)),
    ...(await inSpace('KEY_CACHE', env.KEY_CACHE)),
    ...(await inSpace('LIMITS', env.LIMITS)),
    ...sent.slice(beforeSent).map((text) => ({ place: 'queue', text })),
  ]
  const named = everything.filter(({ text }) => ids.some((id) => text.includes(id)))
  const found = named.filter(
    ({ text }) => EVENT_ID.test(text) || hasFineTime(text) || requests.some((id) => text.includes(id)),
  )
  expect(found).toEqual([])
  // The ids remain in these places alone. A line of the log has the time of the platform.
  expect([...new Set(named.map(({ place }) => place))].toSorted()).toEqual([
    'ARCHIVE',
    'VAULT',
    'VAULT_MIRROR',
    'erasures',
    'users',
  ])
  const lines = written.text().slice(before)
  expect(ids.filter((id) => lines.includes(id))).toEqual([])
})
