import { beforeEach, describe, expect, test } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { call, get, newPerson, type Person, post } from '../support/api.ts'
import { createLaggingReplica, type LaggingReplica } from '../support/lagging-replica.ts'
import { plainApp } from '../support/passwords.ts'

const ME = '/api/v1/users/me'
const NEWEST = 'ffffffff-ffffffff-ffffffff-ffffffffffffffffffffffffffffffff'
const OLDEST = '00000000-00000000-00000000-00000000000000000000000000000000'

let replica: LaggingReplica
let ada: Person

beforeEach(async () => {
  replica = createLaggingReplica()
  ada = await newPerson({ full_name: 'Ada' }, { app: plainApp })
  await replica.catchUp()
})

const read = (bookmark?: string) =>
  get('/users/me', ada.accessToken, {
    env: replica.env,
    headers: bookmark === undefined ? {} : { 'x-d1-bookmark': bookmark },
  })
const rename = async (full_name: string) => {
  const body = { full_name }
  const answer = await call(ME, { method: 'PATCH', token: ada.accessToken, body, env: replica.env })
  return String(answer.headers.get('x-d1-bookmark'))
}
const nameIn = async (answer: ReturnType<typeof read>) => (await answer).body.profile.full_name

describe('reading the profile while a replica lags', () => {
  test('shows a write of the user, with its bookmark and without one', async () => {
    const bookmark = await rename('Ada Lovelace')
    expect(await nameIn(read(bookmark))).toBe('Ada Lovelace')
    expect(await nameIn(read())).toBe('Ada Lovelace')
  })

  test('uses the replica if it is as recent as the bookmark, and never goes back in time', async () => {
    const bookmark = String((await read()).headers.get('x-d1-bookmark'))
    await replica.catchUp()
    await rename('Ada Lovelace')
    const older = await read(bookmark)
    expect(older.body.profile.full_name).toBe('Ada')
    await replica.catchUp()
    expect(await nameIn(read(String(older.headers.get('x-d1-bookmark'))))).toBe('Ada Lovelace')
  })

  test('J4 is rejected for an ended session, whatever bookmark is sent', async () => {
    await post('/auth/logout', { refresh_token: ada.refreshToken }, { env: replica.env })
    for (const bookmark of [OLDEST, NEWEST, undefined]) expect((await read(bookmark)).status).toBe(401)
  })

  test('J4 is rejected for a deleted account', async () => {
    const deleted = await call(ME, { method: 'DELETE', token: ada.accessToken, env: replica.env })
    expect(deleted.status).toBe(202)
    for (const bookmark of [OLDEST, NEWEST, undefined]) expect((await read(bookmark)).status).toBe(401)
  })

  test('is the only operation that uses a replica, whatever is sent', async () => {
    const headers = { 'x-d1-bookmark': OLDEST }
    const lagging: string[] = []
    for (const { method, path } of routes) {
      const { env, asked } = createLaggingReplica()
      await call(path.replaceAll(':', ''), { method, token: ada.accessToken, headers, env })
      if (asked.some((constraint) => constraint !== 'first-primary')) lagging.push(`${method} ${path}`)
    }
    expect(lagging).toEqual([`GET ${ME}`])
  })
})
