import type { Publishing } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'
import { getPublished } from './get-published.ts'

/**
 * Returns the published checkpoint of the log, at most a minute old.
 * @returns a signed note (C2SP tlog-checkpoint)
 * @throws AppError `not_found` before the first one is published
 */
export async function getLogCheckpoint(ctx: Publishing): Promise<string> {
  const { log } = await getPublished(ctx)
  if (log === undefined) throw new AppError('not_found', { detail: 'No checkpoint of the log has been published yet.' })
  return log.note
}
