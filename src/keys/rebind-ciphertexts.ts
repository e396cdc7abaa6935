import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import type { ForAll } from '../core/for-all.ts'
import type { JobName } from '../core/job-name.ts'
import { type ProfileField, profileFields } from '../core/profile.ts'
import { isUnbound } from '../crypto/field-cipher.ts'
import { countChanges } from '../storage/database/count-changes.ts'
import type { Row } from '../storage/database/members.ts'
import { profileColumns, rebindProfileField } from '../storage/database/profile-row.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { openSubject, sealSubject } from '../storage/database/social-logins.ts'
import type { Statement } from '../storage/database/statement.ts'
import { decryptEmail, encryptEmail } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { socialLogins, userProfiles, users } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'vault'>

/** The most users that one page looks at. */
const PAGE = 1000

const JOB = 'rebind-ciphertexts' satisfies JobName

/** The result of one page. */
interface Rebound {
  /** Id of the last user that was looked at; `done` after the last page. */
  readonly next: string | 'done'
  /**
   * `rebound`: columns that were encrypted anew. `unbound`: columns that stay, because the key or the column
   * could not be read, or the column changed meanwhile.
   */
  readonly counts: { readonly rebound: number; readonly unbound: number }
}

/**
 * Processes one page of users: encrypts anew what version 0.2.0 encrypted without the id of the row. The
 * other tables with ciphertexts hold rows that expire. A column is written only while it still has the
 * ciphertext that was read, so a concurrent change of the profile or address is not overwritten. Once a run
 * has found nothing left to do, later runs end at once.
 * @param after id of the last user of the previous page
 */
export async function rebindCiphertexts(
  ctx: Dependencies,
  after: string | undefined,
  { limit, forAll }: { readonly limit: number; readonly forAll: ForAll },
): Promise<Rebound> {
  if (after === undefined && (await isFinished(ctx))) return { next: 'done', counts: { rebound: 0, unbound: 0 } }
  const { seen, rows } = await ctx.db.batch({
    seen: selectSeen(after ?? ''),
    rows: selectUnbound(after ?? '', limit),
  })
  const found = await inChunks(rows, (row) => rebindPerson(ctx, row))
  const readable = found.map((changes) => changes.filter(({ bound }) => bound !== undefined))
  let rebound = 0
  await forAll(
    readable.filter((changes) => changes.length > 0),
    async (some) => {
      rebound += await write(ctx, some)
    },
  )
  const unbound = found.flat().length - rebound
  const [page] = seen
  const isCut = rows.length === limit
  const isLast = !isCut && (page?.users ?? 0) < PAGE
  const last = isCut ? rows.at(-1)?.id : page?.last_id
  return { next: isLast ? 'done' : (last ?? 'done'), counts: { rebound, unbound } }
}

const lastRun = { counts: computed.json(sql`counts`, z.record(z.string(), z.number())) } as const

/** Whether the last complete run found nothing to do. Index `job_runs_job`. */
async function isFinished({ db }: Dependencies): Promise<boolean> {
  const run = await db.first(
    withRows(
      lastRun,
      sql`
        SELECT ${columnsOf(lastRun)} FROM job_runs
        WHERE job = ${JOB} AND finished_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
    ),
  )
  return run !== undefined && run.counts.rebound === 0 && run.counts.unbound === 0
}

/** The users of a page. Reads the primary key. */
const pageOfUsers = (after: string): SQL =>
  sql`(SELECT id, email_enc FROM users WHERE id > ${after} ORDER BY id LIMIT ${PAGE})`

const seenUsers = {
  last_id: computed.textOrNull(sql`max(id)`),
  users: computed.integer(sql`count(*)`),
} as const

const selectSeen = (after: string) =>
  withRows(seenUsers, sql`SELECT ${columnsOf(seenUsers)} FROM ${pageOfUsers(after)}`)

const loginSchema = z.array(z.object({ id: z.string(), stored: z.string() }))

const unboundPerson = {
  id: users.id,
  email_enc: users.emailEnc,
  ...profileColumns,
  logins: computed.json(
    sql`(SELECT json_group_array(json_object('id', id, 'stored', provider_id_enc))
      FROM social_logins WHERE user_id = ${users.id})`,
    loginSchema,
  ),
} as const
type UnboundPerson = Row<typeof unboundPerson>

/** SQL condition: the column was encrypted without the id of its row. */
const wasUnbound = (column: SQL | SQLiteColumn): SQL => sql`${column} GLOB 'v1.*'`

/** The users of a page that have such a column, with all their columns. */
const selectUnbound = (after: string, limit: number): Statement<UnboundPerson> =>
  withRows(
    unboundPerson,
    sql`
      SELECT ${columnsOf(unboundPerson)} FROM users LEFT JOIN user_profiles ON user_profiles.user_id = users.id
      WHERE users.id IN (SELECT id FROM ${pageOfUsers(after)}) AND (
        ${sql.join([users.emailEnc, ...Object.values(profileColumns)].map(wasUnbound), sql` OR `)}
        OR EXISTS (SELECT 1 FROM social_logins WHERE user_id = users.id AND ${wasUnbound(socialLogins.providerIdEnc)}))
      ORDER BY users.id LIMIT ${limit}`,
  )

/** A ciphertext to write, if the row still has the one that was read. */
interface Change {
  readonly column: 'email' | 'login' | ProfileField
  /** Id of the row. */
  readonly id: string
  readonly was: string
  /** Undefined if the old ciphertext cannot be read. */
  readonly bound: string | undefined
}

/** A column of a row, and how to encrypt its contents anew. */
interface StoredColumn extends Pick<Change, 'column' | 'id'> {
  readonly stored: string | null
  readonly rebind: (key: CryptoKey, stored: string) => Promise<string>
}

async function rebindPerson({ vault }: Dependencies, row: UnboundPerson): Promise<readonly Change[]> {
  const lookup = await vault.find(row.id)
  const changes = columnsOfPerson(row).map(async ({ column, id, stored, rebind }): Promise<Change[]> => {
    if (stored === null || !isUnbound(stored)) return []
    const bound = lookup.kind === 'found' ? await rebind(lookup.key, stored).catch(() => undefined) : undefined
    return [{ column, id, was: stored, bound }]
  })
  return (await Promise.all(changes)).flat()
}

const columnsOfPerson = (row: UnboundPerson): readonly StoredColumn[] => [
  {
    column: 'email',
    id: row.id,
    stored: row.email_enc,
    rebind: async (key, stored) => encryptEmail(key, row.id, await decryptEmail(key, row.id, stored)),
  },
  ...profileFields.map(
    (field): StoredColumn => ({
      column: field,
      id: row.id,
      stored: row[`${field}_enc`],
      rebind: (key, stored) => rebindProfileField(key, row.id, field, stored),
    }),
  ),
  ...row.logins.map(({ id, stored }): StoredColumn => {
    const place = { table: 'social_logins', id, userId: row.id } as const
    return {
      column: 'login',
      id,
      stored,
      rebind: async (key, text) => sealSubject(key, place, await openSubject(key, place, text)),
    }
  }),
]

/** @returns how many columns it wrote */
async function write({ db }: Dependencies, people: readonly (readonly Change[])[]): Promise<number> {
  const changes = people.flat()
  const statements = Object.entries(writers).flatMap(([column, statementFor]) => {
    const some = changes.filter((change) => change.column === column)
    return some.length === 0 ? [] : [[column, countChanges(statementFor(JSON.stringify(some)))] as const]
  })
  const answers = await db.batch(Object.fromEntries(statements))
  return statements.reduce((sum, [column]) => sum + (answers[column]?.[0]?.changed ?? 0), 0)
}

const bound = sql`change.value ->> 'bound'`

/** SQL condition: the row has the id and the ciphertext of the change. */
const isUnchanged = (id: SQLiteColumn, column: SQLiteColumn): SQL =>
  sql`${id} = change.value ->> 'id' AND ${column} = change.value ->> 'was'`

/** The statements by column. Each takes the changes as JSON. */
const writers: Readonly<Record<Change['column'], (changes: string) => SQL>> = {
  email: (changes) => sql`
    UPDATE users SET ${assignments(users, { email_enc: bound })} FROM json_each(${changes}) AS change
    WHERE ${isUnchanged(users.id, users.emailEnc)}`,
  full_name: (changes) => writeProfile(changes, 'full_name'),
  phone_number: (changes) => writeProfile(changes, 'phone_number'),
  avatar_url: (changes) => writeProfile(changes, 'avatar_url'),
  bio: (changes) => writeProfile(changes, 'bio'),
  preferences: (changes) => writeProfile(changes, 'preferences'),
  login: (changes) => sql`
    UPDATE social_logins SET ${assignments(socialLogins, { provider_id_enc: bound })}
    FROM json_each(${changes}) AS change
    WHERE ${isUnchanged(socialLogins.id, socialLogins.providerIdEnc)}`,
}

/** The version of the profile stays, because its contents do. */
const writeProfile = (changes: string, field: ProfileField): SQL => sql`
  UPDATE user_profiles SET ${assignments(userProfiles, { [`${field}_enc`]: bound })}
  FROM json_each(${changes}) AS change
  WHERE ${isUnchanged(userProfiles.userId, profileColumns[`${field}_enc`])}`
