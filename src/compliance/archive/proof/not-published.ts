import type { Context } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'

/** The published log does not have the event yet. A client asks again after the next publication. */
export const notPublished = ({ settings }: Pick<Context, 'settings'>): AppError =>
  new AppError('proof_not_published', { retryAfterSeconds: settings.LOG_PUBLISH_SECONDS })
