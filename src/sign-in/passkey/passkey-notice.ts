import type { SQL } from 'drizzle-orm'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { NOTICES_AN_HOUR, type StoppableTemplate } from '../../core/mail.ts'
import { HOUR_MS } from '../../core/time.ts'
import { canBeTold } from '../../storage/database/outbox-mail.ts'

/** The mail about a new passkey, with the link that removes it. */
export const PASSKEY_NOTICE = 'passkey-added' satisfies StoppableTemplate

/** SQL condition: the owner can be mailed about one more passkey now. Without that, none is added. */
export const canMailOwner = (userId: UserId, now: number): SQL => canBeTold(userId, PASSKEY_NOTICE, now)

const HOUR_SECONDS = HOUR_MS / 1000

/** The quota has room again after an hour at the latest. */
export const tooManyNewPasskeys = () =>
  new AppError('rate_limited', {
    detail: 'Too many passkeys were added within an hour.',
    retryAfterSeconds: HOUR_SECONDS,
    quota: { name: 'user', count: NOTICES_AN_HOUR.ofKind, windowSeconds: HOUR_SECONDS, resetSeconds: HOUR_SECONDS },
  })
