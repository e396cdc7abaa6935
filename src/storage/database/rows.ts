import { getTableName, type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { parseJson } from '../../core/json.ts'
import type { Computed, Member, Members, Row } from './members.ts'
import { reading, type Statement } from './statement.ts'

type Decode = (raw: unknown) => unknown

const integer = z.int()
const text = z.string()

/** Computed members by type. */
export const computed = {
  integer: (expression: SQL): Computed<number> => ({ expression, schema: integer }),
  integerOrNull: (expression: SQL): Computed<number | null> => ({ expression, schema: z.union([integer, z.null()]) }),
  /**
   * A number of things, or a time. Null for anything else: an attacker who can write the database can give a
   * column another type, or an integer that JavaScript does not have, and one such row would fail a whole
   * page.
   */
  countOrNull: (column: SQL): Computed<number | null> =>
    computed.integerOrNull(
      sql`CASE WHEN typeof(${column}) = 'integer' AND ${column} BETWEEN 0 AND ${sql.raw(String(Number.MAX_SAFE_INTEGER))} THEN ${column} END`,
    ),
  text: (expression: SQL): Computed<string> => ({ expression, schema: text }),
  textOrNull: (expression: SQL): Computed<string | null> => ({ expression, schema: z.union([text, z.null()]) }),
  /** A condition. SQLite returns 1 or 0. */
  flag: (expression: SQL): Computed<boolean> => ({ expression, schema: flag }),
  /** JSON text. */
  json: <Value>(expression: SQL, schema: z.ZodType<Value>): Computed<Value> => ({
    expression,
    schema: text.transform(readJson).pipe(schema) as unknown as z.ZodType<Value>,
  }),
  /** A JSON array of texts. */
  texts: (expression: SQL): Computed<readonly string[]> => ({ expression, schema: jsonTexts }),
  /** A JSON array of texts, or null. */
  textsOrNull: (expression: SQL): Computed<readonly string[] | null> => ({ expression, schema: jsonTextsOrNull }),
  /** JSON text, or null. */
  jsonOrNull: <Value>(expression: SQL, schema: z.ZodType<Value>): Computed<Value | null> => ({
    expression,
    schema: z.union([z.null(), text.transform(readJson).pipe(schema)]) as unknown as z.ZodType<Value | null>,
  }),
} as const

const flag = z.literal([0, 1]).transform((value) => value === 1) as unknown as z.ZodType<boolean>

const jsonTexts = text.transform(readJson).pipe(z.array(text)) as unknown as z.ZodType<readonly string[]>

const jsonTextsOrNull = z.union([z.null(), jsonTexts])

function readJson(value: string, context: z.RefinementCtx): unknown {
  const parsed = parseJson(value)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'not JSON' })
  return z.NEVER
}

/**
 * The list of these members for SELECT or RETURNING. Built once for each list, since the lists are constants.
 */
export function columnsOf(members: Members): SQL {
  const columns = selections.get(members) ?? sql.join(Object.entries(members).map(selectionOf), sql`, `)
  selections.set(members, columns)
  return columns
}

const selections = new WeakMap<Members, SQL>()

/** Names from the schema need no quotes. Leaving them out makes every request to D1 smaller. */
function selectionOf([name, member]: [string, Member]): SQL {
  if ('expression' in member) return sql`${member.expression} AS ${sql.raw(name)}`
  const column = `${getTableName(member.table)}.${member.name}`
  return sql.raw(member.name === name ? column : `${column} AS ${name}`)
}

/**
 * A statement and the members of its rows. Each row is checked when it arrives: an unexpected type fails the
 * request instead of passing a wrong value on.
 */
export function withRows<const Named extends Members>(members: Named, query: SQL): Statement<Row<Named>> {
  const decode = decoderOf(members)
  return reading(query, ({ rows }) => rows.map(decode) as Row<Named>[], { members })
}

/** A row does not match its members. The message names the member, and contains no value. */
export class UnexpectedRow extends Error {
  override readonly name = 'UnexpectedRow'
}

/** One decoder for each list of members, since the lists are constants. */
const decoderOf = (members: Members): Decode => {
  const known = decodersOfMembers.get(members)
  if (known !== undefined) return known
  const readers = Object.entries(members).map(([name, member]) => [name, readerOf(name, member)] as const)
  const decode: Decode = (raw) => {
    const row: Record<string, unknown> = {}
    for (const [name, read] of readers) row[name] = read((raw as Record<string, unknown>)[name])
    return row
  }
  decodersOfMembers.set(members, decode)
  return decode
}

const decodersOfMembers = new WeakMap<Members, Decode>()

function readerOf(name: string, member: Member): Decode {
  if ('expression' in member) {
    return (value) => {
      const parsed = member.schema.safeParse(value)
      if (!parsed.success) throw new UnexpectedRow(`column ${name}`)
      return parsed.data
    }
  }
  const type = member.columnType === 'SQLiteText' ? 'string' : 'number'
  return (value) => {
    if (value === null && !member.notNull) return null
    if (typeof value !== type) throw new UnexpectedRow(`column ${name}`)
    return member.mapFromDriverValue(value)
  }
}
