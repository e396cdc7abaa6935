import { env } from 'cloudflare:workers'
import type { Members } from '../../src/storage/database/members.ts'
import { Statement } from '../../src/storage/database/statement.ts'
import type { PreparedColumn } from './prepared-columns.ts'

/** A statement that ran, and what the code declares about its rows. */
interface Caught {
  readonly text: string
  readonly members: Members
}

const { PREPARED_COLUMNS } = env as Env & { readonly PREPARED_COLUMNS: Fetcher }

/** Statements that are not compared yet, and all that have been seen. */
let caught: Caught[] = []
const seen = new Set<string>()

const { bound } = Statement.prototype

Statement.prototype.bound = function boundAndCaught(this: Statement<unknown>) {
  const made = bound.call(this)
  if (this.members !== undefined) take({ text: made.text, members: this.members })
  return made
}

function take(statement: Caught): void {
  const compared = `${wordsOf(statement.members)}\n${statement.text}`
  if (seen.has(compared)) return
  seen.add(compared)
  caught.push(statement)
}

const words = new WeakMap<Members, string>()

/**
 * Describes the declared rows in words. Lists of members that are made anew for each statement get the same
 * description.
 */
function wordsOf(members: Members): string {
  const known = words.get(members)
  if (known !== undefined) return known
  const said = Object.entries(members).map(([name, member]) => `${name} ${originOf(member) ?? ''}`)
  words.set(members, said.join('\n'))
  return said.join('\n')
}

/** Table, column and type of a member that is a column, also under an alias. */
const originOf = (member: Members[string]): string | undefined =>
  'expression' in member
    ? undefined
    : `${String(Reflect.get(member.table, Symbol.for('drizzle:OriginalName')))}.${member.name} ${member.getSQLType()}`

/** Compares and forgets the recorded statements. @returns one line for each statement that is wrong */
export async function faultsOfCaught(): Promise<string[]> {
  const statements = caught
  caught = []
  if (statements.length === 0) return []
  const body = JSON.stringify(statements.map(({ text }) => text))
  const response = await PREPARED_COLUMNS.fetch('http://columns.test/', { method: 'POST', body })
  const answers: (readonly PreparedColumn[] | string)[] = await response.json()
  return statements.flatMap(({ text, members }, i) => {
    const fault = faultOf(members, answers[i] ?? 'no answer')
    return fault === undefined ? [] : [`${fault}: ${text}`]
  })
}

function faultOf(members: Members, columns: readonly PreparedColumn[] | string): string | undefined {
  if (typeof columns === 'string') return columns
  const [said, made] = [Object.keys(members).join(', '), columns.map(({ name }) => name).join(', ')]
  if (said !== made) return `the code says ${said}, the statement has ${made}`
  return columns.map((column) => misread(members, column)).find((fault) => fault !== undefined)
}

/** SQLite names the origin of columns that a SELECT reads unchanged, but not of those after RETURNING. */
function misread(members: Members, { name, table, column, type }: PreparedColumn): string | undefined {
  const member = members[name]
  const said = member && originOf(member)
  const made = `${table}.${column} ${type?.toLowerCase()}`
  return said === undefined || table === null || said === made
    ? undefined
    : `the code says ${said}, the statement has ${made}`
}
