import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { countChanges } from '../storage/database/count-changes.ts'
import type { Row } from '../storage/database/members.ts'
import { selectStale } from '../storage/database/root-keys.ts'
import { indexIdentity, openSubject } from '../storage/database/social-logins.ts'
import { assignments } from '../storage/database/writes.ts'
import { socialLogins } from '../storage/schema/index.ts'
import { type Reindexed, reindexPage } from './reindex-page.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'ring'>

const staleLogin = {
  id: socialLogins.id,
  user_id: socialLogins.userId,
  provider: socialLogins.provider,
  provider_id_index: socialLogins.providerIdIndex,
  provider_id_enc: socialLogins.providerIdEnc,
} as const

/** Read by the index `social_logins_index`. */
export const staleLogins = { table: socialLogins, index: socialLogins.providerIdIndex, members: staleLogin } as const

/**
 * Does for linked identities what `reindexUsers` does for users: decrypts the subject with the person's data
 * key, and computes its fingerprint under the newest root key.
 * @param after index of the last row of the previous page
 */
export async function reindexIdentities(
  ctx: Dependencies,
  after: string | undefined,
  limit: number,
  forAll: ForAll,
): Promise<Reindexed> {
  const query = { newest: ctx.ring.newest.version, after: after ?? '', limit }
  const rows = await ctx.db.all(selectStale(staleLogins, query))
  return reindexPage(
    {
      rows,
      limit,
      indexOf: ({ provider_id_index }) => provider_id_index,
      compute: (row) => computeIndex(ctx, row),
      write: async (changes) => {
        const { rewritten } = await ctx.db.batch({ rewritten: countChanges(rewrite(changes)) })
        return rewritten[0]?.changed ?? 0
      },
    },
    forAll,
  )
}

async function computeIndex({ vault, ring }: Dependencies, row: Row<typeof staleLogin>) {
  const lookup = await vault.find(row.user_id)
  if (lookup.kind !== 'found') return undefined
  const subject = await openSubject(
    lookup.key,
    { table: 'social_logins', id: row.id, userId: row.user_id },
    row.provider_id_enc,
  ).catch(() => undefined)
  if (subject === undefined) return undefined
  const { indexes } = await indexIdentity(ring, row.provider, subject)
  return { id: row.id, was: row.provider_id_index, index: indexes[0] }
}

type Change = NonNullable<Awaited<ReturnType<typeof computeIndex>>>

const rewrite = (changes: readonly Change[]): SQL => sql`
  UPDATE OR IGNORE social_logins SET ${assignments(socialLogins, { provider_id_index: sql`change.value ->> 'index'` })}
  FROM json_each(${JSON.stringify(changes)}) AS change
  WHERE social_logins.id = change.value ->> 'id' AND social_logins.provider_id_index = change.value ->> 'was'`
