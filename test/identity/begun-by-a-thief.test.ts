import { describe, expect, test } from 'vitest'
import { revokeReasons } from '../../src/core/revoke-reason.ts'
import { type Answer, call, get, post } from '../support/api.ts'
import { tokenIn } from '../support/mailbox.ts'
import { beginTheft, sessionEnds, type Theft } from '../support/session-ends.ts'
import { begin, comeBack, handedBack, newAccount, providersForEachTest } from '../support/social.ts'
import { row } from '../support/stores.ts'

const providers = providersForEachTest()

/**
 * What a thief's session may have started. Each entry returns a function that tries to finish it with a given
 * access token.
 */
const begun = {
  async 'a change of address'({ mailbox, thief }: Theft) {
    await post('/users/me/email', { new_email: 'thief@example.com' }, { env: mailbox.env, token: thief.accessToken })
    const token = tokenIn((await mailbox.collect()).findLast(({ to }) => to === 'thief@example.com'))
    return (accessToken: string) => post('/auth/verify-email', { token }, { env: mailbox.env, token: accessToken })
  },
  async 'the link of an identity'({ mailbox: { env }, thief }: Theft) {
    const path = '/api/v1/users/me/identities'
    const { body } = await call(`${path}/acme/start`, { method: 'POST', env, token: thief.accessToken })
    const flow = await begin('acme', { env, query: { link: body.link } })
    const back = await comeBack('acme', flow, providers.consent(flow.location, newAccount()), { env })
    const code = { code: handedBack(back).get('code'), code_verifier: flow.verifier }
    return (accessToken: string) => call(path, { body: code, env, token: accessToken })
  },
} satisfies Record<string, (theft: Theft) => Promise<(accessToken: string) => Promise<Answer>>>

const kinds = Object.keys(begun) as (keyof typeof begun)[]

test('every reason for which a session ends is in the table', () => {
  expect(new Set(sessionEnds.map(({ reason }) => reason))).toEqual(new Set(revokeReasons))
})

describe.each(kinds)('O7 %s that a thief has started cannot be finished after his session has ended', (kind) => {
  test.each(sessionEnds)('$name', async ({ reason, before, run }) => {
    const theft = await beginTheft(providers, before)
    const { session_id: sessionId } = (await get('/auth/session', theft.thief.accessToken)).body
    const finish = await begun[kind](theft)
    const owner = await run(theft)
    expect(await row('SELECT revoke_reason FROM sessions WHERE id = ?', sessionId)).toEqual({ revoke_reason: reason })
    const account =
      'SELECT email_enc, (SELECT group_concat(id) FROM social_logins) AS identities FROM users WHERE id = ?'
    const unchanged = await row(account, theft.owner.id)
    // 400 if the ending also voids the link.
    expect([400, 401]).toContain((await finish(theft.thief.accessToken)).status)
    // Nor with a session of the owner, whom the thief may trick into clicking the link.
    expect((await finish(owner)).body).toMatchObject({ status: 400, code: 'invalid_token' })
    expect(await row(account, theft.owner.id)).toEqual(unchanged)
  })
})
