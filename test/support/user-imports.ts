import type { Answer, Call, Person } from './api.ts'
import { ask } from './operators.ts'
import { plainApp } from './passwords.ts'

/** Opens an import; @returns its id */
export async function openImport(admin: Person): Promise<string> {
  const { status, body } = await ask(admin, '/imports', { body: { reason: 'maintenance' } })
  if (status !== 201) throw new Error(`the import answered ${status}`)
  return body.id
}

interface Lines {
  readonly id: string
  readonly firstLine?: number
  readonly users: readonly unknown[]
}

/** Sends lines of an import to the Worker itself, which computes hashes. */
export const hashLines = (admin: Person, { id, firstLine = 1, users }: Lines, options: Call = {}): Promise<Answer> =>
  ask(admin, `/imports/${id}/users`, { body: { reason: 'maintenance', first_line: firstLine, users }, ...options })

/** Sends lines of an import without computing hashes. */
export const sendLines = (admin: Person, lines: Lines, options: Call = {}): Promise<Answer> =>
  hashLines(admin, lines, { app: plainApp, ...options })

/** Imports users. @param send `hashLines` for users who will sign in @returns their ids */
export async function importPeople(admin: Person, users: readonly object[], send = sendLines): Promise<string[]> {
  const id = await openImport(admin)
  const { body } = await send(admin, { id, users })
  return body.imported.map((line: { readonly id: string }) => line.id)
}
