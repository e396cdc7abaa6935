import type { Publishing, Witnessing } from '../../../context.ts'
import { originOf } from '../keys/log-keys.ts'
import { readTree } from '../tree/tree-state.ts'
import { chooseLog } from './choose-log.ts'
import { getCheckpoint } from './get-checkpoint.ts'
import { originIn } from './origin-in.ts'
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
  // The tree is read first, so it is never larger than the head.
  const tree = await readTree(ctx)
  const view = await getCheckpoint(ctx, tree?.head.origin ?? originIn(before?.log?.note) ?? originOf(ctx.settings))
  // Before the first segment there is nothing to hide, and a first checkpoint must not wait for the next
  // period.
  if (view.checkpoint === null) return
  const log = await chooseLog(ctx, { before: before?.log, newest: tree })
  await writePublication(ctx, { publishedAtMs: ctx.now, view, log }, etag)
}
