import { expect, vi } from 'vitest'
import type { RevokeReason } from '../../src/core/revoke-reason.ts'
import { call, get, newPerson, PASSWORD, type Person, post, signIn } from './api.ts'
import { type Mailbox, openMailbox, tokenIn } from './mailbox.ts'
import { act, newAdmin } from './operators.ts'
import { givePasskey, signInByPasskey } from './passkeys.ts'
import { codeOf } from './second-factors.ts'
import { newAccount, type Providers, signInWith, socialSettings } from './social.ts'
import { change } from './stores.ts'

export const NEW_PASSWORD = 'another horse battery staple'

/** An owner, and a thief who has signed in to the same account. */
export interface Theft {
  readonly mailbox: Mailbox
  readonly providers: Providers
  readonly owner: Person
  readonly thief: { readonly accessToken: string; readonly refreshToken: string }
  /** The token of the mail to the previous address, when the address was changed. */
  readonly undoToken: string | undefined
}

export interface SessionEnd {
  readonly name: string
  /** Checks the session of the thief afterwards. */
  readonly reason: RevokeReason
  /** The state of the account before the theft. The default is a verified account. */
  readonly before?: 'unproven' | 'moved'
  /** Ends the session of the thief. @returns the access token that the owner has afterwards */
  readonly run: (theft: Theft) => Promise<string>
}

const SESSIONS = '/api/v1/users/me/sessions'

/** The owner's account, with a session of the thief. */
export async function beginTheft(providers: Providers, before: SessionEnd['before']): Promise<Theft> {
  const mailbox = openMailbox(socialSettings)
  const { env } = mailbox
  const owner = await newPerson({}, { env })
  await mailbox.collect()
  if (before !== 'unproven') await change('UPDATE users SET is_verified = 1 WHERE id = ?', owner.id)
  if (before !== 'moved') return { mailbox, providers, owner, thief: await signIn(owner.email), undoToken: undefined }
  const session = { env, token: owner.accessToken }
  await post('/users/me/email', { new_email: 'moved@example.com' }, session)
  await post('/auth/verify-email', { token: tokenIn((await mailbox.collect())[0]) }, session)
  const undoToken = tokenIn((await mailbox.collect())[0])
  return { mailbox, providers, owner, thief: await signIn('moved@example.com'), undoToken }
}

/** Every action that ends the session of a thief. */
export const sessionEnds: readonly SessionEnd[] = [
  {
    name: 'the owner ends that session',
    reason: 'owner',
    async run({ owner }) {
      const { sessions } = (await get('/users/me/sessions', owner.accessToken)).body
      const other = sessions.find(({ current }: { current: boolean }) => !current)
      await succeeds(call(`${SESSIONS}/${other.id}`, { method: 'DELETE', token: owner.accessToken }))
      return owner.accessToken
    },
  },
  {
    name: 'the owner ends all others',
    reason: 'owner',
    async run({ owner }) {
      await succeeds(call(SESSIONS, { method: 'DELETE', token: owner.accessToken }))
      return owner.accessToken
    },
  },
  {
    name: 'the owner signs that device out',
    reason: 'logout',
    async run({ owner, thief }) {
      await succeeds(post('/auth/logout', { refresh_token: thief.refreshToken }))
      return owner.accessToken
    },
  },
  {
    name: 'a new password',
    reason: 'password_changed',
    async run({ owner }) {
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD }
      await succeeds(post('/users/me/password', body, { token: owner.accessToken }))
      return owner.accessToken
    },
  },
  { name: 'a reset by mail', reason: 'password_reset', run: resetByMail },
  {
    name: 'a refresh token that is used twice',
    reason: 'reuse',
    async run({ owner, thief }) {
      await succeeds(post('/auth/refresh', { refresh_token: thief.refreshToken }))
      vi.setSystemTime(Date.now() + 11_000)
      expect((await post('/auth/refresh', { refresh_token: thief.refreshToken })).status).toBe(401)
      return owner.accessToken
    },
  },
  {
    name: 'a copied passkey that signed in is blocked',
    reason: 'passkey_suspended',
    async run({ owner, thief }) {
      const { device, id } = await givePasskey(owner, { isBackupEligible: false, counterStep: 1 })
      const { session_id: sessionId } = (await get('/auth/session', thief.accessToken)).body
      await change('UPDATE sessions SET passkey_id = ? WHERE id = ?', id, sessionId)
      await succeeds(signInByPasskey(device, { signCount: 5 }))
      vi.setSystemTime(Date.now() + 11_000)
      expect((await signInByPasskey(device, { signCount: 5 })).status).toBe(401)
      return (await signIn(owner.email)).accessToken
    },
  },
  {
    name: 'an operator who revokes the sessions',
    reason: 'operator',
    async run({ owner }) {
      await succeeds(act(await newAdmin(), owner, 'revoke-sessions'))
      return (await signIn(owner.email)).accessToken
    },
  },
  {
    name: 'an operator who requires a reset',
    reason: 'operator',
    async run(theft) {
      await succeeds(act(await newAdmin(), theft.owner, 'require-password-reset'))
      return resetByMail(theft)
    },
  },
  {
    name: 'an operator who suspends and reactivates',
    reason: 'operator',
    async run({ owner }) {
      const admin = await newAdmin()
      await succeeds(act(admin, owner, 'suspend'))
      await succeeds(act(admin, owner, 'reactivate'))
      return (await signIn(owner.email)).accessToken
    },
  },
  {
    name: 'a suspension that ends by itself',
    reason: 'operator',
    async run({ owner }) {
      const until = new Date(Date.now() + 60_000).toISOString()
      await succeeds(act(await newAdmin(), owner, 'suspend', { suspended_until: until }))
      vi.setSystemTime(Date.now() + 61_000)
      return (await signIn(owner.email)).accessToken
    },
  },
  {
    name: 'an operator who erases and restores',
    reason: 'operator',
    async run({ owner }) {
      const admin = await newAdmin()
      await succeeds(act(admin, owner, 'erase'))
      await succeeds(act(admin, owner, 'restore'))
      return (await signIn(owner.email)).accessToken
    },
  },
  {
    name: 'a deletion that is taken back',
    reason: 'deleted',
    async run({ owner }) {
      await succeeds(call('/api/v1/users/me', { method: 'DELETE', token: owner.accessToken }))
      const offer = await post('/auth/login', { email: owner.email, password: PASSWORD })
      const restored = await succeeds(post('/auth/restore', { token: offer.body.restore_token }))
      return restored.body.access_token
    },
  },
  {
    name: 'an undo from the old address',
    reason: 'email_undone',
    before: 'moved',
    async run(theft) {
      const { mailbox, undoToken } = theft
      await succeeds(post('/auth/undo-email', { token: undoToken }, { env: mailbox.env }))
      return resetByMail(theft)
    },
  },
  {
    name: 'a provider that proves whose mailbox it is',
    reason: 'mailbox_proven',
    before: 'unproven',
    async run({ owner, providers, mailbox }) {
      const account = newAccount({ email: owner.email })
      return (await succeeds(signInWith(providers, 'acme', account, { env: mailbox.env }))).body.access_token
    },
  },
  {
    name: 'an authenticator app',
    reason: 'factors_changed',
    async run({ owner }) {
      const { ticket, secret } = (await post('/users/me/totp/options', {}, { token: owner.accessToken })).body
      await succeeds(post('/users/me/totp', { ticket, code: codeOf(secret) }, { token: owner.accessToken }))
      return owner.accessToken
    },
  },
  {
    name: 'sessions that are too many',
    reason: 'surplus',
    async run({ owner, thief }) {
      const { session_id } = (await get('/auth/session', thief.accessToken)).body
      await change("UPDATE sessions SET revoked_at = 1, revoke_reason = 'surplus' WHERE id = ?", session_id)
      return owner.accessToken
    },
  },
]

async function resetByMail({ owner, mailbox }: Theft): Promise<string> {
  await post('/auth/reset-password', { email: owner.email }, { env: mailbox.env })
  const token = tokenIn((await mailbox.collect()).findLast(({ to }) => to === owner.email))
  await succeeds(post('/auth/reset-password/confirm', { token, new_password: NEW_PASSWORD }))
  return (await signIn(owner.email, NEW_PASSWORD)).accessToken
}

async function succeeds<A extends { readonly status: number }>(pending: Promise<A>): Promise<A> {
  const answer = await pending
  expect(answer.status).toBeLessThan(300)
  return answer
}
