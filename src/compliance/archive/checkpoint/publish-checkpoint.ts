import type { Publishing } from '../../../context.ts'
import { getCheckpoint } from './get-checkpoint.ts'
import { describeKeys, PUBLICATION, type Publication, readPublication } from './publication.ts'

/**
 * Publishes the newest checkpoint and the keys, once in every period of `LOG_PUBLISH_SECONDS`. Run by the
 * cron. If the published number of events moved with every event, it would show whether a request has
 * recorded one, and so whether an address has an account.
 */
export async function publishCheckpoint(ctx: Publishing): Promise<void> {
  const periodMs = ctx.settings.LOG_PUBLISH_SECONDS * 1000
  const before = await readPublication(ctx)
  if (before && Math.floor(before.published_at / periodMs) >= Math.floor(ctx.now / periodMs)) return
  const view = await getCheckpoint(ctx)
  // Before the first segment there is nothing to hide, and a first checkpoint must not wait for the next
  // period.
  if (view.checkpoint === null) return
  const next: Publication = { under: describeKeys(ctx), published_at: ctx.now, view }
  await ctx.vaultStatements.replace(PUBLICATION, await ctx.receipts.sign('latchkey-publication+jws', next))
}
