import { env } from 'cloudflare:workers'
import { type Answer, type Call, call, newPerson, type Person } from './api.ts'
import { plainApp } from './passwords.ts'

/** A new user, registered and signed in without computing a password hash. */
export const newUser = (extra: Record<string, unknown> = {}): Promise<Person> => newPerson(extra, { app: plainApp })

/** Signs in a user that `newUser` made. */
export const signInPlainly = (person: Person, password = 'correct horse battery staple'): Promise<Answer> =>
  call('/api/v1/auth/login', { body: { email: person.email, password }, app: plainApp })

/** A user who is an admin in the database, with two factors. The role is not in the token. */
export async function newAdmin(): Promise<Person> {
  const person = await newUser()
  await grant(person, 'admin')
  return withTwoFactors(person)
}

/**
 * The session of this user as if a second factor had been proven in it, with new tokens. The account gets an
 * unused recovery code, which stands in for the factor. No text has its hash.
 */
export async function withTwoFactors<Holder extends Pick<Person, 'id' | 'refreshToken'>>(
  holder: Holder,
): Promise<Holder> {
  const [, sessionId] = /^lk_rt_([^.]+)/.exec(holder.refreshToken) ?? []
  await env.DB.batch([
    env.DB.prepare(`UPDATE sessions SET amr = '["mfa","otp","pwd"]' WHERE id = ?`).bind(sessionId),
    env.DB.prepare(
      "INSERT OR IGNORE INTO recovery_codes (user_id, code_hash, created_at) VALUES (?, 'of a code', 1)",
    ).bind(holder.id),
  ])
  const { body } = await call('/api/v1/auth/refresh', { body: { refresh_token: holder.refreshToken } })
  return { ...holder, accessToken: body.access_token, refreshToken: body.refresh_token }
}

export const grant = ({ id }: Person, role: string) =>
  env.DB.prepare('INSERT INTO user_roles (role, user_id) VALUES (?, ?)').bind(role, id).run()

/** Sends a request of this user to an operators' route. */
export const ask = (operator: Person, path: string, options: Call = {}): Promise<Answer> =>
  call(`/api/v1/admin${path}`, { token: operator.accessToken, ...options })

/** Changes the account of another user, with a reason. */
export const act = (operator: Person, subject: Person, change: string, body: object = {}, options: Call = {}) =>
  ask(operator, `/users/${subject.id}/${change}`, { body: { reason: 'support_case', ...body }, ...options })

export const setRoles = (operator: Person, subject: Person, roles: readonly string[]): Promise<Answer> =>
  act(operator, subject, 'roles', { roles }, { method: 'PUT' })
