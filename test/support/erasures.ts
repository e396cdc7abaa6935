import { env } from 'cloudflare:workers'
import { signMarker } from '../../src/compliance/erasure/markers.ts'
import type { UserId } from '../../src/core/ids.ts'
import { type ErasureRequest, openErasureSeals, orphanText, requestText } from '../../src/crypto/erasure-seal.ts'
import { jobContext } from './job-context.ts'
import { runCron } from './service.ts'
import { change, rows } from './stores.ts'

type Request = Partial<Omit<ErasureRequest, 'user_id'>>

/** Deletes an account, and stores a request as this service does: with its seal. By default it is due. */
export async function requestErasure(id: string, { requested_at = 1, due_at = 2, basis }: Request = {}): Promise<void> {
  await change(
    "UPDATE users SET status = 'deleted', deleted_at = ?2, purge_after = ?3 WHERE id = ?1",
    id,
    requested_at,
    due_at,
  )
  await change(
    'INSERT INTO erasures (user_id, requested_at, due_at, basis) VALUES (?, ?, ?, ?)',
    id,
    requested_at,
    due_at,
    basis ?? 'user_request',
  )
  await sealErasures()
  await markArchived(id)
}

/** Makes the events of a person look archived, so that a purge does not wait for them. */
export const markArchived = (id: string) =>
  change('UPDATE audit_events SET archived_at = 1 WHERE subject_id = ?1 OR actor_id = ?1', id)

/**
 * Makes all events look archived, and runs the cron: erasures that are due need not wait for their events.
 */
export async function runCronWithArchive(...args: Parameters<typeof runCron>): Promise<void> {
  await change('UPDATE audit_events SET archived_at = 1 WHERE archived_at IS NULL')
  await runCron(...args)
}

/** Seals all rows of `erasures`, as this service would have. */
export async function sealErasures(): Promise<void> {
  const seals = await openErasureSeals((await jobContext()).ring)
  const found = (await rows('SELECT user_id, requested_at, due_at, basis FROM erasures')) as unknown as ErasureRequest[]
  const sealed = found.map((row) => ({ user_id: row.user_id, seal: seals.seal(requestText(row)) }))
  for (let from = 0; from < sealed.length; from += 500) {
    await change(
      `UPDATE erasures SET seal = list.value ->> 'seal' FROM json_each(?) AS list WHERE user_id = list.value ->> 'user_id'`,
      JSON.stringify(sealed.slice(from, from + 500)),
    )
  }
}

/** Records a key without a user, noticed in 1970. */
export async function noticeOrphan(id: string): Promise<void> {
  const seals = await openErasureSeals((await jobContext()).ring)
  const seal = seals.seal(orphanText({ owner: id as UserId, noticed_at: 1 }))
  await change('INSERT INTO orphan_keys (owner, noticed_at, seal) VALUES (?, 1, ?)', id, seal)
}

/** Writes the marker of an erased user, as this service does: signed. */
export async function markErased(id: string, using: Env = env): Promise<void> {
  const ctx = await jobContext(Date.now(), using)
  await ctx.erasureMarkers.mark(id as UserId, await signMarker(ctx, id as UserId))
}
