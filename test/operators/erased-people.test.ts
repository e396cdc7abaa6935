import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { EventWithSeal } from '../../src/core/sealed-event.ts'
import { checkSeal } from '../../src/crypto/event-seal.ts'
import { call, type Person } from '../support/api.ts'
import { requestErasure } from '../support/erasures.ts'
import { jobContext } from '../support/job-context.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { prepareRequest, routeNames } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { runCron } from '../support/service.ts'
import { change, rows, rowsOfEach } from '../support/stores.ts'

/** Reads that take the id of a user in the query. */
const searches = ['/audit?subject=', '/audit?actor=', '/audit?reveal=true&reason=support_case&subject='] as const

/** Every operators' route whose path has the id of a user. */
const aboutAUser = routeNames.filter((name) => /\/admin\/.*(users\/:id|:user_id)/.test(name))

async function erasedPerson(): Promise<Person> {
  const person = await newUser()
  await requestErasure(person.id)
  await runCron()
  expect(await rows("SELECT 1 FROM users WHERE id = ? AND email_enc = ''", person.id)).toHaveLength(1)
  return person
}

/** The environment, and the events that were sent to the queue. */
function watched() {
  const sent: EventWithSeal[] = []
  const sendBatch = async (messages: Iterable<MessageSendRequest<EventWithSeal>>) => {
    for (const { body } of messages) sent.push(body)
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
  }
  return { sent, using: { ...env, AUDIT_QUEUE: { ...env.AUDIT_QUEUE, sendBatch } as unknown as Queue } as Env }
}

/** Rows of all tables that name the person. */
async function namedIn({ id }: Person): Promise<string[]> {
  const found = await rowsOfEach(schemaTables.map(({ name }) => `SELECT * FROM ${name}`))
  return schemaTables
    .flatMap(({ name }, at) => (found[at] ?? []).map((one) => `${name} ${JSON.stringify(one)}`))
    .filter((text) => text.includes(id))
    .sort()
}

const newestEvents = (since: string) => rows('SELECT * FROM audit_events WHERE id > ? ORDER BY id', since)

const lastId = async (): Promise<string> => String((await rows('SELECT max(id) AS id FROM audit_events'))[0]?.id ?? '')

const theSeal = async (event: unknown) => checkSeal((await jobContext()).ring, event as EventWithSeal)

test('K27 no operators route records anything that names an erased person', async () => {
  const [admin, person] = [await newAdmin(), await erasedPerson()]
  const prepared = await Promise.all(
    aboutAUser.map(async (name) => ({ name, ...(await prepareRequest(name, person)) })),
  )
  const before = await namedIn(person)
  const requests = [
    ...prepared,
    ...searches.map((name) => ({ name, path: `/api/v1/admin${name}${person.id}`, call: {} })),
  ]
  for (const { name, path, call: prepared } of requests) {
    const since = await lastId()
    const { sent, using } = watched()
    const { status } = await call(path, { ...prepared, token: admin.accessToken, env: using })
    expect([200, 404, 409], `${name}: ${status}`).toContain(status)
    expect(await namedIn(person), name).toEqual(before)
    expect(JSON.stringify(sent), name).not.toContain(person.id)
    const recorded = await newestEvents(since)
    // There is no key that opens the address, so nothing that was counted is found.
    expect(recorded, name).toHaveLength(name.endsWith('/clear-lock') ? 0 : 1)
    expect(sent, name).toHaveLength(recorded.length)
    for (const event of [...recorded, ...sent]) expect(await theSeal(event), name).toMatchObject({ state: 'sealed' })
  }
})

test('every one names a person who is not erased, and the seal covers the name', async () => {
  const admin = await newAdmin()
  for (const name of aboutAUser) {
    const person = await newUser()
    const prepared = await prepareRequest(name, person)
    const since = await lastId()
    const { sent, using } = watched()
    await call(prepared.path, { ...prepared.call, token: admin.accessToken, env: using })
    const [event] = (await newestEvents(since)).filter(({ actor_id }) => actor_id === admin.id)
    if (event === undefined) throw new Error(`${name} has recorded nothing`)
    expect(event.subject_id, name).toBe(/\/(receipt|proof)$/.test(name) ? null : person.id)
    expect(sent.find(({ id }) => id === event.id)?.subject_id, name).toBe(event.subject_id)
    const { fromDatabase } = (await theSeal(event)) as { readonly fromDatabase?: readonly string[] }
    expect(fromDatabase, name).not.toContain('subject')
  }
})

test('the event of an operator cannot be given to another person in the database', async () => {
  const [admin, person, other] = [await newAdmin(), await newUser(), await newUser()]
  const since = await lastId()
  await ask(admin, `/users/${person.id}`)
  await change('UPDATE audit_events SET subject_id = ? WHERE id > ?', other.id, since)
  const [altered] = await newestEvents(since)
  expect(await theSeal(altered)).toEqual({ state: 'wrong' })
})
