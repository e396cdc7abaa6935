import { type SQL, sql } from 'drizzle-orm'
import type { Exporting } from '../../context.ts'
import type { AuditAction, ExportFailure } from '../../core/audit-event.ts'
import { AppError } from '../../core/errors.ts'
import { describeFailure } from '../../core/failure.ts'
import { log } from '../../core/log.ts'
import { hasPurgeBegun } from '../../storage/database/erasure-conditions.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { type RecordedChange, recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { exports } from '../../storage/schema/index.ts'
import { collectBundle } from './collect-bundle.ts'
import { encryptBundle } from './encrypt-bundle.ts'
import { type ExportRef, exportExpiry } from './export-ref.ts'
import type { ExportStatus } from './export-view.ts'

export type BuildDependencies = Recorder & Exporting

interface PendingExport extends ExportRef {
  readonly createdAtMs: number
}

/** While a store does not answer, the next runs try again for this long. */
const RETRIED_FOR_MS = 3_600_000

/**
 * Builds one pending export. Never throws. An attempt that was cut off, or that failed temporarily, leaves
 * the export pending. Building it again, or twice at once, has the same result.
 * @returns the status after the attempt
 */
export async function buildExport(ctx: BuildDependencies, pending: PendingExport): Promise<ExportStatus> {
  try {
    return await attempt(ctx, pending)
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'export_not_built', { export_id: pending.id, error: name, code })
    if (ctx.now - pending.createdAtMs < RETRIED_FOR_MS) return 'pending'
    return giveUp(ctx, pending, 'internal_error').catch(() => 'pending')
  }
}

async function attempt(ctx: BuildDependencies, ref: ExportRef): Promise<ExportStatus> {
  const lookup = await ctx.vault.find(ref.userId)
  if (lookup.kind === 'destroyed') return giveUp(ctx, ref, 'key_destroyed')
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  const bundle = await collectBundle(ctx, ref.userId, lookup.key)
  await ctx.exportStore.put(ref.userId, ref.id, await encryptBundle(lookup.key, ref, bundle))
  return publish(ctx, ref)
}

/**
 * The bundle is stored before the row is marked ready. A purge may have begun meanwhile, while this isolate
 * still had the key in memory. Then the bundle is deleted as well.
 */
async function publish(ctx: BuildDependencies, ref: ExportRef): Promise<ExportStatus> {
  const { now } = ctx
  const {
    found: [found],
  } = await ctx.db.batch({
    ready: recordStep(
      ctx,
      ref,
      sql`
        UPDATE exports
        SET ${assignments(exports, { status: 'ready', ready_at: now, expires_at: exportExpiry(now) })}
        WHERE ${isPending(ref)} AND expires_at > ${now} AND NOT ${hasPurgeBegun(sql`exports.user_id`)}`,
      { action: 'export.ready', detail: { export_id: ref.id } },
    ),
    found: withRows(statusRow, sql`SELECT ${columnsOf(statusRow)} FROM exports WHERE id = ${ref.id}`),
  })
  if (found?.status === 'ready') return 'ready'
  await ctx.exportStore.delete([{ userId: ref.userId, exportId: ref.id }])
  return 'failed'
}

async function giveUp(ctx: BuildDependencies, ref: ExportRef, reason: ExportFailure): Promise<ExportStatus> {
  await ctx.db.batch({
    failed: recordStep(
      ctx,
      ref,
      sql`UPDATE exports SET ${assignments(exports, { status: 'failed' })} WHERE ${isPending(ref)}`,
      { action: 'export.failed', detail: { export_id: ref.id, reason } },
    ),
  })
  return 'failed'
}

const isPending = ({ id, userId }: ExportRef): SQL => sql`id = ${id} AND user_id = ${userId} AND status = 'pending'`

const statusRow = { status: exports.status } as const

/**
 * Records a step with the service as the actor: it runs after the response or in a job, without a device to
 * record.
 */
const recordStep = (
  ctx: BuildDependencies,
  { userId }: ExportRef,
  change: SQL,
  step: AuditAction,
): RecordedChange<unknown> =>
  recorded({ ...ctx, actor: { type: 'system' } }, change, {
    ...step,
    outcome: step.action === 'export.failed' ? 'failure' : 'success',
    subjectId: userId,
  })
