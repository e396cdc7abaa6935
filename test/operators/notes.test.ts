import { expect, test } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { call, get } from '../support/api.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { change, countOf, row } from '../support/stores.ts'
import { encryptUnbound } from '../support/unbound.ts'
import { openImport } from '../support/user-imports.ts'

const NOTE = 'Rang about the aviary'

test('K39 only operations on one account take a note', async () => {
  const { body } = await call('/openapi.json')
  const takesNote = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, operations]) =>
    Object.values(operations).some((operation) => bodyMembers(operation, body).includes('note')) ? [path] : [],
  )
  expect(takesNote.length).toBeGreaterThan(5)
  for (const path of takesNote) expect(path).toMatch(/^\/api\/v1\/admin\/users\/\{id\}\//)
})

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
function bodyMembers(operation: any, document: any): string[] {
  const schema = operation.requestBody?.content?.['application/json']?.schema
  const name = schema?.$ref?.split('/').at(-1)
  return Object.keys((name ? document.components.schemas[name] : schema)?.properties ?? {})
}

test('K39 a note about nobody or many is refused, and nothing is done', async () => {
  const admin = await newAdmin()
  const id = await openImport(admin)
  for (const path of ['/imports', `/imports/${id}/finish`, '/user-export', '/erasures/run']) {
    const { status, body } = await ask(admin, path, { body: { reason: 'maintenance', note: NOTE } })
    expect([status, body.code], path).toEqual([422, 'validation_failed'])
    expect(JSON.stringify(body)).toContain('note')
  }
  expect(await countOf('imports')).toBe(1)
})

test('K39 K37 a note opens only in the row of its event', async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  await act(admin, person, 'suspend', { note: NOTE })
  await act(admin, person, 'reactivate')
  expect(await notesOf(person.id)).toEqual([NOTE])
  await change(
    `UPDATE audit_events SET note_enc = (SELECT note_enc FROM audit_events WHERE action = 'user.suspended')
     WHERE action = 'user.reactivated'`,
  )
  await change(`UPDATE audit_events SET note_enc = NULL WHERE action = 'user.suspended'`)
  expect(await notesOf(person.id)).toEqual([])

  async function notesOf(subject: string): Promise<string[]> {
    const found = await ask(admin, `/audit?subject=${subject}&reveal=true&reason=support_case`)
    return found.body.events.flatMap(({ note }: { note?: string }) => note ?? [])
  }
})

test('a note that version 0.2.0 stored in place of the client stays readable', async () => {
  const [admin, person] = [await newAdmin(), await newUser()]
  await act(admin, person, 'suspend')
  const lookup = await (await jobContext()).vault.find(person.id as UserId)
  if (lookup.kind !== 'found') throw new Error('no key')
  const place = { table: 'audit_events', column: 'pii_enc', owner: person.id }
  const { id } = await row(`SELECT id FROM audit_events WHERE action = 'user.suspended'`)
  const stored = await encryptUnbound(lookup.key, place, JSON.stringify({ note: NOTE }))
  await change('UPDATE audit_events SET pii_enc = ? WHERE id = ?', stored, id)
  const found = await ask(admin, `/audit?subject=${person.id}&reveal=true&reason=support_case`)
  expect(found.body.events).toContainEqual(expect.objectContaining({ action: 'user.suspended', note: NOTE }))
  expect(JSON.stringify((await get('/users/me/activity', person.accessToken)).body)).not.toContain(NOTE)
})
