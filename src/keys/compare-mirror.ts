import { sql } from 'drizzle-orm'
import type { Context, MirrorComparing } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import type { ForAll } from '../core/for-all.ts'
import { type UserId, userIdSchema } from '../core/ids.ts'
import { type KeyOwner, LOG_KEY_OWNER } from '../core/key-owner.ts'
import { log } from '../core/log.ts'
import type { BelieveMarkers, MirrorPage, VaultMirror } from '../core/ports.ts'
import { idsIn } from '../storage/database/personal-data.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { isTombstone } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import { findExpiredOrphans, forgetOrphans } from './delete-orphan-keys.ts'

const KEYS = 'keys/'

/** How a job runs the work on its items, and which markers count. */
export interface Means {
  readonly forAll: ForAll
  readonly believe: BelieveMarkers
}

/** Counts of what one page found, and repaired where a repair is safe. */
interface Comparison {
  readonly cursor: string | undefined
  readonly counts: Readonly<Record<string, number>>
}

/**
 * Compares one page of the mirror with the vault: erasure markers first, then keys. Objects of the vault are
 * copied to the mirror, and keys of erased people are removed from the mirror. Keys that the vault lacks are
 * only reported, because only an operator may have them restored.
 * @param after path of the last object of the previous page
 */
export async function compareMirror(
  ctx: MirrorComparing,
  after: string | undefined,
  { forAll, believe }: Means,
): Promise<Comparison> {
  const { vaultMirror: mirror, settings } = ctx
  if (mirror === undefined) return { cursor: undefined, counts: {} }
  if (!after?.startsWith(KEYS)) {
    const page = await mirror.compare('erased/', after, settings.KEYS_PER_RUN)
    return { cursor: page.cursor ?? KEYS, counts: await mendMarkers(mirror, page, { forAll, believe }) }
  }
  const page = await mirror.compare(KEYS, after === KEYS ? undefined : after, settings.KEYS_PER_RUN)
  const counts = await mendKeys(ctx, mirror, page, { forAll, believe })
  const { missing, conflicting } = counts
  if (missing + conflicting > 0) log('error', 'vault_differs_from_mirror', { missing, conflicting })
  return { cursor: page.cursor, counts }
}

/**
 * A marker is written once and never removed, so a marker that is missing on either side is copied from the
 * other.
 */
async function mendMarkers(mirror: VaultMirror, page: MirrorPage, { forAll, believe }: Means) {
  const copied = await forAll(page.onlyInVault, (some) => inChunks(some, (path) => mirror.copy(path)))
  const restored = await forAll(page.onlyInMirror, (some) => inChunks(some, (path) => mirror.restore(path, believe)))
  return { markers_copied: copied.length, markers_restored: restored.length }
}

async function mendKeys(ctx: MirrorComparing, mirror: VaultMirror, page: MirrorPage, { forAll, believe }: Means) {
  const copied = await forAll(page.onlyInVault, (some) => inChunks(some, (path) => mirror.copy(path)))
  const outcomes = new Map<string, boolean>()
  await forAll(page.differing, (some) =>
    inChunks(some, async (path) => outcomes.set(path, await mirror.refresh(keyOwnerOf(path)))),
  )
  const refreshed = [...outcomes.values()].filter((wasRefreshed) => wasRefreshed).length
  const conflicting = outcomes.size - refreshed
  const { missing, erased, orphaned } = await sortMirrorOnly({ ...ctx, believe }, page.onlyInMirror.map(keyOwnerOf))
  const expired = await findExpiredOrphans(ctx, orphaned)
  const removed = await forAll([...erased, ...expired], (owners) => mirror.drop(owners))
  const forgotten = expired.filter((owner) => removed.includes(owner))
  if (forgotten.length > 0) await forgetOrphans(ctx, forgotten)
  return {
    same: page.same,
    copied: copied.length + refreshed,
    conflicting,
    missing: missing.length,
    removed: removed.length,
  }
}

const ownerRow = { id: users.id, is_erased: computed.flag(isTombstone) } as const

/**
 * Finds out why the vault lacks these keys: the owner was erased, the owner was never created, or the vault
 * has lost the key.
 */
export async function sortMirrorOnly(
  { db, erasureMarkers, believe }: Pick<Context, 'db' | 'erasureMarkers'> & Pick<Means, 'believe'>,
  owners: readonly KeyOwner[],
) {
  const ids = owners.filter((owner): owner is UserId => userIdSchema.safeParse(owner).success)
  const rows = await db.all(withRows(ownerRow, sql`SELECT ${columnsOf(ownerRow)} FROM users WHERE id IN ${idsIn(ids)}`))
  // A marker that nobody signed does not count, or whoever plants one would have the copy of a key removed.
  const marked = new Set(await believe(await erasureMarkers.find(rows.map(({ id }) => id))))
  const known = new Set(rows.map(({ id }) => id))
  const erased = rows.filter(({ id, is_erased }) => is_erased || marked.has(id)).map(({ id }) => id)
  return {
    missing: owners.filter((owner) => !erased.includes(owner as UserId) && !isUnknown(owner, known)),
    erased,
    orphaned: ids.filter((id) => !known.has(id)),
  }
}

/**
 * Whether no user has this key. The keys of months and of the archive belong to no user, and are always
 * reported as missing.
 */
const isUnknown = (owner: KeyOwner, known: ReadonlySet<string>): boolean =>
  !owner.startsWith('system/') && owner !== LOG_KEY_OWNER && !known.has(owner)

export const keyOwnerOf = (path: string): KeyOwner => path.slice(KEYS.length) as KeyOwner
