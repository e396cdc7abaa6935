import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import type { ForAll } from '../core/for-all.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { blindIndex } from '../crypto/blind-index.ts'
import { type EmailAddress, parseEmailAddress } from '../identity/email/email-address.ts'
import { countChanges } from '../storage/database/count-changes.ts'
import { selectStale } from '../storage/database/root-keys.ts'
import type { Row } from '../storage/database/rows.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { mailRequests, users } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring'>

/** Columns that a rotation writes anew. */
export const reindexedColumns: Readonly<Record<string, readonly string[]>> = {
  users: ['email_index', 'email_domain_index'],
  social_logins: ['provider_id_index'],
}

/**
 * Columns that are looked up under every version and left to die out: what is kept for days is waited for.
 */
export const expiringColumns: Readonly<Record<string, readonly string[]>> = {
  sessions: ['device_index'],
  one_time_tokens: ['address_index'],
  mail_requests: ['address_indexes'],
  oauth_flows: ['identity_indexes'],
}

const staleUser = { id: users.id, email_index: users.emailIndex, email_enc: users.emailEnc } as const
type StaleUser = Row<typeof staleUser>

/** By the index `users_email_index`. */
export const staleUsers = { table: users, index: users.emailIndex, members: staleUser } as const

export interface Reindexed {
  /** Index of the last row that was looked at; undefined after the last page. */
  readonly cursor: string | undefined
  /**
   * `conflicting`: the newest index is another row's already; `unreadable`: no key opened what it is computed
   * from.
   */
  readonly counts: { readonly reindexed: number; readonly conflicting: number; readonly unreadable: number }
}

/**
 * One page: computes the indexes of those who stand under another root key than the newest, from the address
 * that only their data key opens. A row is written only while it still has the index that was read, so a
 * change of address and an erasure win.
 * @param after index of the last row of the page before
 */
export async function reindexUsers(
  ctx: Dependencies,
  after: string | undefined,
  limit: number,
  forAll: ForAll,
): Promise<Reindexed> {
  const query = { newest: ctx.ring.newest.version, after: after ?? '', limit }
  const rows = await ctx.db.all(selectStale(staleUsers, query))
  const changes = await inChunks(rows, (row) => computeIndexes(ctx, row))
  const readable = changes.filter((change) => change !== undefined)
  let reindexed = 0
  const tried = await forAll(readable, async (some) => {
    const { rewritten } = await ctx.db.batch({
      rewritten: countChanges(rewrite(some)),
      requests: addToRequests(some),
    })
    reindexed += rewritten[0]?.changed ?? 0
  })
  return {
    cursor: rows.length < limit ? undefined : rows.at(-1)?.email_index,
    counts: {
      reindexed,
      conflicting: tried.length - reindexed,
      unreadable: rows.length - tried.length,
    },
  }
}

/** @returns undefined when the address cannot be read */
async function computeIndexes({ vault, ring: { newest } }: Dependencies, row: StaleUser) {
  const email = await readEmail(await vault.find(row.id), row)
  if (email === undefined) return undefined
  const [index, domainIndex] = await Promise.all([
    blindIndex(newest, 'emailIndex', email.canonical),
    blindIndex(newest, 'emailDomainIndex', email.domain),
  ])
  return { id: row.id, was: row.email_index, index, domainIndex }
}

/**
 * Undefined when the key was destroyed, no store gave it, or the column is spoiled: the others must not wait
 * for it.
 */
async function readEmail(lookup: DataKeyLookup, { id, email_enc }: StaleUser): Promise<EmailAddress | undefined> {
  if (lookup.kind !== 'found') return undefined
  const email = await decryptEmail(lookup.key, id, email_enc).catch(() => undefined)
  return email === undefined ? undefined : parseEmailAddress(email)
}

type Change = NonNullable<Awaited<ReturnType<typeof computeIndexes>>>

/** Leaves a row alone whose new index is taken, instead of failing the whole page. */
const rewrite = (changes: readonly Change[]): SQL => sql`
  UPDATE OR IGNORE users SET ${assignments(users, {
    email_index: sql`change.value ->> 'index'`,
    email_domain_index: sql`change.value ->> 'domainIndex'`,
  })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE users.id = change.value ->> 'id' AND users.email_index = change.value ->> 'was'`

/** A link that was asked for before, and waits, has to find whose address it is under the new index. */
const addToRequests = (changes: readonly Change[]): SQL => sql`
  UPDATE mail_requests SET ${assignments(mailRequests, {
    address_indexes: sql`json_insert(${mailRequests.addressIndexes}, '$[#]', change.value ->> 'index')`,
  })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE EXISTS (SELECT 1 FROM json_each(mail_requests.address_indexes) AS held WHERE held.value = change.value ->> 'was')`
