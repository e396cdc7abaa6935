import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { blindIndex } from '../crypto/blind-index.ts'
import { type EmailAddress, parseEmailAddress } from '../identity/email/email-address.ts'
import { countChanges } from '../storage/database/count-changes.ts'
import type { Row } from '../storage/database/members.ts'
import { selectStale } from '../storage/database/root-keys.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { mailRequests, users } from '../storage/schema/index.ts'
import { type Reindexed, reindexPage } from './reindex-page.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring'>

/** Columns that a rotation rewrites. */
export const reindexedColumns: Readonly<Record<string, readonly string[]>> = {
  users: ['email_index', 'email_domain_index'],
  social_logins: ['provider_id_index'],
}

/**
 * Columns that are looked up under every version and not rewritten. Their rows are kept for days only, so a
 * rotation waits until they expire.
 */
export const expiringColumns: Readonly<Record<string, readonly string[]>> = {
  sessions: ['device_index', 'client_index'],
  one_time_tokens: ['address_index'],
  mail_requests: ['address_indexes'],
  oauth_flows: ['identity_indexes'],
}

const staleUser = { id: users.id, email_index: users.emailIndex, email_enc: users.emailEnc } as const
type StaleUser = Row<typeof staleUser>

/** Read by the index `users_email_index`. */
export const staleUsers = { table: users, index: users.emailIndex, members: staleUser } as const

/**
 * Processes one page: rewrites the indexes that are not under the newest root key. They are computed from the
 * address, which is decrypted with the data key of the user. A row is written only while it still has the
 * index that was read, so a concurrent change of address or erasure is not overwritten.
 * @param after index of the last row of the previous page
 */
export async function reindexUsers(
  ctx: Dependencies,
  after: string | undefined,
  limit: number,
  forAll: ForAll,
): Promise<Reindexed> {
  const query = { newest: ctx.ring.newest.version, after: after ?? '', limit }
  const rows = await ctx.db.all(selectStale(staleUsers, query))
  return reindexPage(
    {
      rows,
      limit,
      indexOf: ({ email_index }) => email_index,
      compute: (row) => computeIndexes(ctx, row),
      write: async (changes) => {
        const { rewritten } = await ctx.db.batch({
          rewritten: countChanges(rewrite(changes)),
          requests: addToRequests(changes),
        })
        return rewritten[0]?.changed ?? 0
      },
    },
    forAll,
  )
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
 * Returns undefined when the key was destroyed, no store returned it, or the column is damaged, so that the
 * other rows are still processed.
 */
async function readEmail(lookup: DataKeyLookup, { id, email_enc }: StaleUser): Promise<EmailAddress | undefined> {
  if (lookup.kind !== 'found') return undefined
  const email = await decryptEmail(lookup.key, id, email_enc).catch(() => undefined)
  return email === undefined ? undefined : parseEmailAddress(email)
}

type Change = NonNullable<Awaited<ReturnType<typeof computeIndexes>>>

/** Skips a row whose new index is already taken, so that the page does not fail as a whole. */
const rewrite = (changes: readonly Change[]): SQL => sql`
  UPDATE OR IGNORE users SET ${assignments(users, {
    email_index: sql`change.value ->> 'index'`,
    email_domain_index: sql`change.value ->> 'domainIndex'`,
  })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE users.id = change.value ->> 'id' AND users.email_index = change.value ->> 'was'`

/** Adds the new index to waiting requests for a link, so that they still find the account of the address. */
const addToRequests = (changes: readonly Change[]): SQL => sql`
  UPDATE mail_requests SET ${assignments(mailRequests, {
    address_indexes: sql`json_insert(${mailRequests.addressIndexes}, '$[#]', change.value ->> 'index')`,
  })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE EXISTS (SELECT 1 FROM json_each(mail_requests.address_indexes) AS held WHERE held.value = change.value ->> 'was')`
