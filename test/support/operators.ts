import { env } from 'cloudflare:workers'
import { type Answer, type Call, call, newPerson, type Person } from './api.ts'
import { plainPasswords } from './passwords.ts'

/** A new user, registered and signed in without computing a password hash. */
export const newUser = (extra: Record<string, unknown> = {}): Promise<Person> =>
  newPerson(extra, { app: plainPasswords().app })

/** Signs in a user that `newUser` made. */
export const signInPlainly = (person: Person, password = 'correct horse battery staple'): Promise<Answer> =>
  call('/api/v1/auth/login', { body: { email: person.email, password }, app: plainPasswords().app })

/** A user who is an admin in the database. The role is not in the token. */
export async function newAdmin(): Promise<Person> {
  const person = await newUser()
  await grant(person, 'admin')
  return person
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
