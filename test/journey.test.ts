import { expect, test } from 'vitest'
import { call, get, newPerson, post } from './support/api.ts'

test('a person registers, signs in, reads and changes a profile, refreshes and signs out', async () => {
  const person = await newPerson({
    full_name: 'Ada Lovelace',
    phone_number: '+4915112345678',
    preferences: { theme: 'dark' },
  })
  const me = await get('/users/me', person.accessToken)
  expect(me.status).toBe(200)
  expect(me.body).toMatchObject({
    id: person.id,
    email: person.email,
    is_verified: false,
    status: 'active',
    roles: [],
    profile: {
      full_name: 'Ada Lovelace',
      phone_number: '+4915112345678',
      avatar_url: null,
      bio: null,
      preferences: { theme: 'dark' },
    },
  })
  const changed = await call('/api/v1/users/me', {
    method: 'PATCH',
    token: person.accessToken,
    body: { bio: 'Computes.', phone_number: null },
    headers: { 'if-match': me.headers.get('etag') ?? '' },
  })
  expect(changed.body.profile).toMatchObject({ full_name: 'Ada Lovelace', phone_number: null, bio: 'Computes.' })

  const refreshed = await post('/auth/refresh', { refresh_token: person.refreshToken })
  expect(refreshed.status).toBe(200)
  const session = await get('/auth/session', refreshed.body.access_token)
  expect(session.body).toMatchObject({ active: true, user_id: person.id, amr: ['pwd'] })

  expect((await post('/auth/logout', { refresh_token: refreshed.body.refresh_token })).status).toBe(204)
  expect((await get('/users/me', refreshed.body.access_token)).status).toBe(401)
  expect((await get('/auth/session', refreshed.body.access_token)).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: refreshed.body.refresh_token })).status).toBe(401)
})
