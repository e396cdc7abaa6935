import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { type Answer, call, get, newPerson, type Person, post } from '../support/api.ts'

const activity = ({ accessToken }: Person, query = ''): Promise<Answer> =>
  get(`/users/me/activity${query}`, accessToken)

const changeProfile = (person: Person, bio: string) =>
  call('/api/v1/users/me', { method: 'PATCH', token: person.accessToken, body: { bio } })

const actionsOf = ({ body }: Answer): string[] => body.events.map(({ action }: { action: string }) => action)

describe('activity', () => {
  it('shows own events, newest first, with their device', async () => {
    const person = await newPerson()
    await post('/auth/login', { email: person.email, password: 'wrong' }, { headers: { 'user-agent': 'Thief/1' } })
    const { status, body } = await activity(person)
    expect(status).toBe(200)
    expect(body.events).toHaveLength(3)
    expect(body.next_cursor).toBeNull()
    const ids = body.events.map(({ id }: { id: string }) => id)
    expect(ids).toEqual([...ids].sort().reverse())
    expect(body.events).toContainEqual(
      expect.objectContaining({
        action: 'user.sign_in_failed',
        outcome: 'failure',
        by: 'unknown',
        user_agent: 'Thief/1',
        ip: '203.0.113.7',
        detail: { reason: 'wrong_password' },
      }),
    )
    expect(body.events).toContainEqual(expect.objectContaining({ action: 'user.signed_in', by: 'you' }))
    expect(Object.keys(body.events[0]).sort()).toEqual(
      [
        'action',
        'by',
        'city',
        'country',
        'detail',
        'id',
        'ip',
        'occurred_at',
        'outcome',
        'uncertain',
        'user_agent',
      ].sort(),
    )
  })

  it('shows each event on exactly one page', async () => {
    const person = await newPerson()
    for (let i = 0; i < 5; i++) await changeProfile(person, `bio ${i}`)
    const seen: string[] = []
    let path: string | undefined = '/users/me/activity?limit=3'
    while (path !== undefined) {
      const page: Answer = await get(path, person.accessToken)
      seen.push(...page.body.events.map(({ id }: { id: string }) => id))
      const [, link] = /^<\/api\/v1(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '') ?? []
      expect(link === undefined).toBe(page.body.next_cursor === null)
      path = link
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
  })

  it("never shows another person's events", async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    await changeProfile(one, 'mine')
    expect(actionsOf(await activity(other))).not.toContain('profile.updated')
  })

  it('shows that an operator acted, but not from which device', async () => {
    const person = await newPerson()
    await env.DB.prepare('UPDATE audit_events SET actor_type = ?, actor_id = ? WHERE action = ?')
      .bind('user', crypto.randomUUID(), 'user.signed_in')
      .run()
    const { events } = (await activity(person)).body
    expect(events).toContainEqual(
      expect.objectContaining({ action: 'user.signed_in', by: 'operator', ip: null, user_agent: null }),
    )
  })

  it('shows the other events when the device of one cannot be decrypted', async () => {
    const person = await newPerson()
    await changeProfile(person, 'x')
    await env.DB.exec(
      `UPDATE audit_events SET pii_enc = (SELECT bio_enc FROM user_profiles) WHERE action = 'user.signed_in'`,
    )
    const { status, body } = await activity(person)
    expect(status).toBe(200)
    expect(body.events).toContainEqual(expect.objectContaining({ action: 'user.signed_in', ip: null }))
    expect(body.events).toContainEqual(expect.objectContaining({ action: 'profile.updated', ip: '203.0.113.7' }))
  })

  it.each(['limit=0', 'limit=101', 'limit=-1', 'limit=1.5', 'limit=x', 'limit=', 'limit=1&limit=2', 'cursor=1', 'a=b'])(
    'refuses the query %s',
    async (query) => {
      const person = await newPerson()
      const { status, body } = await activity(person, `?${query}`)
      expect([status, body.code]).toEqual([422, 'validation_failed'])
    },
  )

  it('refuses a session that has ended, at once', async () => {
    const person = await newPerson()
    await post('/auth/logout', { refresh_token: person.refreshToken })
    expect((await activity(person)).status).toBe(401)
  })
})
