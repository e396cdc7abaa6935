import type { Publishing } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'
import { findPublished } from './get-published.ts'

/**
 * For so long a location may say that there is no checkpoint, after there is one. In each such time,
 * requests for a missing one read the stores once.
 */
const MISSING_MS = 1000

/**
 * Returns the published checkpoint of the log, at most a minute old.
 * @returns a signed note (C2SP tlog-checkpoint)
 * @throws AppError `not_found` before the first one is published
 */
export async function getLogCheckpoint(ctx: Publishing): Promise<string> {
  const log = await findPublished(ctx, { find: (published) => published.log, atMostMs: MISSING_MS })
  if (log === undefined) throw new AppError('not_found', { detail: 'No checkpoint of the log has been published yet.' })
  return log.note
}
