import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import { isUsable, openTokenPayload } from '../../storage/database/one-time-tokens.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { oneTimeTokens, users } from '../../storage/schema/index.ts'
import { type EmailAddress, parseEmailAddress } from './email-address.ts'

/** A token that names an address, and the current account. */
export interface AddressToken {
  readonly userId: UserId
  readonly key: CryptoKey
  /** The address that the account gets with this token. */
  readonly target: EmailAddress
  /**
   * The current address, decrypted and as stored. The stored form serves as a guard against concurrent
   * changes.
   */
  readonly currentEmail: string
  readonly currentEmailEnc: string
  readonly currentIndex: string
  readonly isVerified: boolean
}

/** @param presenter SQL for the user who presents the token */
const tokenMembers = (presenter: SQL) =>
  ({
    user_id: oneTimeTokens.userId,
    payload_enc: oneTimeTokens.payloadEnc,
    email_enc: users.emailEnc,
    email_index: users.emailIndex,
    is_verified: users.isVerified,
    presenter: computed.textOrNull(presenter),
  }) as const

/**
 * Reads the token without consuming it. The columns read here never change, and the consuming statement
 * checks the token again.
 * @param presenter SQL for the user who presents the token; null without a live session. It must be the
 * owner.
 * @throws AppError `invalid_access_token` without a presenter, `invalid_token`, `unavailable`
 */
export async function readAddressToken(
  ctx: Recorder & Pick<Context, 'db' | 'vault'>,
  id: string,
  purpose: 'change' | 'undo',
  presenter: SQL = sql`${users.id}`,
): Promise<AddressToken> {
  const { db, vault, now } = ctx
  const members = tokenMembers(presenter)
  const row = await db.first(
    withRows(
      members,
      sql`
        SELECT ${columnsOf(members)} FROM one_time_tokens JOIN users ON users.id = one_time_tokens.user_id
        WHERE ${isUsable({ id, purpose, now })}`,
    ),
  )
  if (row === undefined) throw await refuseToken(ctx, { id, purpose })
  if (row.presenter === null) throw new AppError('invalid_access_token')
  if (row.presenter !== row.user_id) throw await refuseToken(ctx, { id, purpose })
  const lookup = await vault.find(row.user_id)
  if (lookup.kind === 'destroyed' || row.payload_enc === null) throw new AppError('invalid_token')
  const key = requireKey(lookup)
  const [targetText, currentEmail] = await Promise.all([
    openTokenPayload(key, { tokenId: id, userId: row.user_id }, row.payload_enc),
    decryptEmail(key, row.user_id, row.email_enc),
  ])
  const target = parseEmailAddress(targetText)
  if (target === undefined) throw new AppError('invalid_token')
  return {
    userId: row.user_id,
    key,
    target,
    currentEmail,
    currentEmailEnc: row.email_enc,
    currentIndex: row.email_index,
    isVerified: row.is_verified,
  }
}
