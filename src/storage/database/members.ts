import type { Column, SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type * as z from 'zod'

/** An SQL expression, and the schema of its value. */
export interface Computed<Value> {
  readonly expression: SQL
  readonly schema: z.ZodType<Value>
}

/** A member of a row: a column of the schema, or a computed expression. */
export type Member = SQLiteColumn | Computed<unknown>

/** The members of a statement's rows, by their names in SQL. */
export type Members = Readonly<Record<string, Member>>

/** A row with the types that the schema gives its columns. */
export type Row<Named extends Members> = { readonly [Name in keyof Named]: ValueOf<Named[Name]> }

type ValueOf<One> =
  One extends Computed<infer Value>
    ? Value
    : One extends Column<infer Config>
      ? Config['notNull'] extends true
        ? Config['data']
        : Config['data'] | null
      : never
