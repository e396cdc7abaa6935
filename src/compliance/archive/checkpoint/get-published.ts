import type { Publishing } from '../../../context.ts'
import { CHECKPOINT_SECONDS } from '../../../core/lifetimes.ts'
import { originOf } from '../keys/log-keys.ts'
import { getCheckpoint } from './get-checkpoint.ts'
import { originIn } from './origin-in.ts'
import { describeKeys, formatKept, type KeptPublication, parseKept, readPublication } from './publication.ts'

/**
 * Returns what is published, at most a minute old. A location keeps it for a minute, with one entry for all
 * routes, so that the checkpoint and the tiles that a client reads here are of one tree.
 * @param atMostMs how old an answer that the location keeps may be, in milliseconds. For a caller who found
 * that the kept one lacks something. By default any kept answer is returned
 */
export async function getPublished(ctx: Publishing, atMostMs = Number.POSITIVE_INFINITY): Promise<KeptPublication> {
  const name = `publication ${describeKeys(ctx)}`
  const kept = parseKept((await ctx.answers.find(name)) ?? '')
  // A location may answer with an older one while a request renews it.
  if (kept && (atMostMs === Number.POSITIVE_INFINITY || ctx.now - kept.readAtMs < atMostMs)) return kept
  const { publication, isCurrent } = await readPublication(ctx)
  const view =
    publication && isCurrent
      ? publication.view
      : await getCheckpoint(ctx, originIn(publication?.log?.note) ?? originOf(ctx.settings))
  const read = { readAtMs: ctx.now, view, log: publication?.log }
  await ctx.answers.keep(name, formatKept(read), Math.min(CHECKPOINT_SECONDS, ctx.settings.LOG_PUBLISH_SECONDS))
  return read
}

interface Search<Part> {
  /** @returns undefined if the publication lacks what the request needs */
  readonly find: (published: KeptPublication) => Part | undefined
  /** How old a publication may be that lacks it. Milliseconds. */
  readonly atMostMs: number
}

/**
 * Finds what a request needs in the publication. If the publication that the location keeps lacks it, the
 * publication is read again, unless it was read less than `atMostMs` ago.
 * @param kept of `getPublished`, if the caller has it
 */
export async function findPublished<Part>(
  ctx: Publishing,
  { find, atMostMs }: Search<Part>,
  kept?: KeptPublication,
): Promise<Part | undefined> {
  return find(kept ?? (await getPublished(ctx))) ?? find(await getPublished(ctx, atMostMs))
}
