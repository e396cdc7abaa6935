import { env } from 'cloudflare:workers'
import { decodeJwt, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { call, get, type Person, post } from '../support/api.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { newUser } from '../support/operators.ts'
import { giveTotp } from '../support/second-factors.ts'
import { change, row } from '../support/stores.ts'

/** An access token as version 0.2.0 signed it: without `acr`. */
async function oldToken({ accessToken }: Person, amr: readonly string[]): Promise<string> {
  const { acr, ...claims } = decodeJwt(accessToken)
  if (acr === undefined) throw new Error('the token had no level to take away')
  const { privateKey, kid } = await (await jobContext()).tokens.keys.current(Date.now())
  return new SignJWT({ ...claims, amr }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey)
}

const OLD_METHODS = [['pwd'], ['fed'], ['fed', 'pwd']]

describe('M14 what version 0.2.0 left goes on as one factor:', () => {
  test.each(OLD_METHODS)('an access token with %s', async (...amr) => {
    const ada = await newUser()
    await change('UPDATE sessions SET amr = ?', JSON.stringify(amr))
    const token = await oldToken(ada, amr)
    expect((await get('/users/me', token)).body.email).toBe(ada.email)
    expect((await get('/auth/session', token)).body).toMatchObject({ amr, acr: 'aal1' })
    expect((await call('/api/v1/users/me/export', { method: 'POST', token })).status).toBe(202)
  })

  test('an access token, also once its owner uses two factors, except for a step-up', async () => {
    const ada = await newUser()
    const token = await oldToken(ada, ['pwd'])
    await giveTotp(ada)
    await change('UPDATE users SET two_step_at = 1')
    expect((await get('/users/me', token)).status).toBe(200)
    const refused = await call('/api/v1/users/me/export', { method: 'POST', token })
    expect([refused.status, refused.body.code]).toEqual([401, 'step_up_required'])
    expect(refused.headers.get('www-authenticate')).toContain('acr_values="aal2"')
  })

  test.each(OLD_METHODS)('a refresh token with %s', async (...amr) => {
    const ada = await newUser()
    await change('UPDATE sessions SET amr = ?', JSON.stringify(amr))
    const { status, body } = await post('/auth/refresh', { refresh_token: ada.refreshToken })
    expect(status).toBe(200)
    expect(decodeJwt(body.access_token)).toMatchObject({ amr, acr: 'aal1' })
  })

  test('a snapshot in KV, without a read of the database', async () => {
    const ada = await newUser()
    const { id } = await row('SELECT id FROM sessions')
    const now = Date.now()
    const snapshot = { userId: ada.id, roles: ['support'], amr: ['pwd'], authTimeMs: now, expiresAtMs: now + 60_000 }
    await env.SESSIONS.put(`session:${id}`, JSON.stringify({ ...snapshot, staleAtMs: now + 60_000 }))
    const using = { env: failing((name) => name.startsWith('DB'), 'down') }
    const { status, body } = await get('/auth/session', await oldToken(ada, ['pwd']), using)
    expect([status, body.acr, body.roles]).toEqual([200, 'aal1', ['support']])
  })
})
