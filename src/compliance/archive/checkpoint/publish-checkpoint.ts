import type { Publishing, Witnessing } from '../../../context.ts'
import { chooseLog } from './choose-log.ts'
import { getCheckpoint } from './get-checkpoint.ts'
import { readPublication, writePublication } from './publication.ts'

/**
 * Publishes the newest checkpoints, of the archive and of its log, and the keys, once in every period of
 * `LOG_PUBLISH_SECONDS`. Run by the cron. If the published number of events moved with every event, it would
 * show whether a request has recorded one, and so whether an address has an account.
 */
export async function publishCheckpoint(ctx: Publishing & Witnessing): Promise<void> {
  const periodMs = ctx.settings.LOG_PUBLISH_SECONDS * 1000
  const { publication: before, isCurrent, etag } = await readPublication(ctx)
  const isRecent = before && Math.floor(before.publishedAtMs / periodMs) >= Math.floor(ctx.now / periodMs)
  if (isRecent && isCurrent) return
  const view = await getCheckpoint(ctx)
  // Before the first segment there is nothing to hide, and a first checkpoint must not wait for the next
  // period.
  if (view.checkpoint === null) return
  const log = await chooseLog(ctx, { before: before?.log, newest: undefined })
  await writePublication(ctx, { publishedAtMs: ctx.now, view, log }, etag)
}
