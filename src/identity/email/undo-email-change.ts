import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { ONE_FACTOR } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { mailLinkExpiry } from '../../core/lifetimes.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { isLevelAtMost } from '../../storage/database/account-level.ts'
import { endSessions, type SessionEnding } from '../../storage/database/end-sessions.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { consumerOf, consumeToken, issueToken, tokenExists } from '../../storage/database/one-time-tokens.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { removal } from '../../storage/database/passkeys.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { hasEveryRootKey } from '../../storage/database/root-keys.ts'
import { removeSeenCodes } from '../../storage/database/second-factors.ts'
import { canBeRestored, isFreeFor } from '../../storage/database/users.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { credentials, passkeys, users } from '../../storage/schema/index.ts'
import { emailValues, sealEmail } from './email-columns.ts'
import { readAddressToken } from './read-address-token.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'ring' | 'vault' | 'locale'>

/**
 * Gives the account back to its earlier address. The person who changed the address knew the password. So the
 * password, all sessions, all linked identities, passkeys, and all other mailed links are void, except links
 * that undo an earlier change or remove a passkey. Recovery codes that the person has seen are void as well:
 * otherwise nobody could give the second factor that the account may need. A link to choose a new password is
 * mailed. If the account was deleted meanwhile, a link to restore it is mailed instead.
 * @throws AppError `invalid_token`, `unavailable`
 */
export async function undoEmailChange(ctx: Dependencies, token: string): Promise<void> {
  const id = await readOneTimeToken(ctx.ring, 'undo', token)
  if (id === undefined) throw new AppError('invalid_token')
  const { db, now } = ctx
  const { userId, key, target } = await readAddressToken(ctx, id, 'undo')
  const [columns, pii] = await Promise.all([
    sealEmail(ctx.ring, key, userId, target),
    encryptClient(ctx, { kind: 'found', key }, userId),
  ])
  const nonce = crypto.randomUUID()
  const [resetId, restoreId] = [crypto.randomUUID(), crypto.randomUUID()]
  const owner = consumerOf(nonce)
  const restoredAddress = { ...emailValues(columns), is_verified: true, security_epoch: plusOne(users.securityEpoch) }
  const expiresAtMs = mailLinkExpiry(now)
  const { consumed } = await db.batch({
    consumed: consumeToken(
      { id, purpose: 'undo', now, nonce },
      sql`(u.status <> 'deleted' OR ${canBeRestored(now)}) AND ${isFreeFor(columns.indexes, { userId: sql`u.id`, now })}
        AND ${hasEveryRootKey(ctx.ring)}`,
    ),
    moved: sql`UPDATE users SET ${assignments(users, restoredAddress)} WHERE id = ${owner}`,
    password: sql`
      UPDATE credentials SET ${assignments(credentials, { password_hash: null, changed_at: now, chain_began_at: null })}
      WHERE user_id = ${owner}`,
    voided: voidLaterLinks(nonce),
    unlinked: sql`DELETE FROM social_logins WHERE user_id = ${owner}`,
    passkeys: removePasskeys(nonce, now),
    codes: removeSeenCodes(owner, changedAt(nonce)),
    ended: endSessions(ctx, 'email_undone', sql`user_id = ${owner}`),
    reset: issueToken(
      { id: resetId, purpose: 'reset', now, expiresAtMs },
      sql`u.id = ${owner} AND u.status <> 'deleted'`,
    ),
    restore: issueToken(
      { id: restoreId, purpose: 'recover', now, expiresAtMs },
      sql`u.id = ${owner} AND u.status = 'deleted'`,
    ),
    recorded: recordEvent(
      ctx,
      { action: 'user.email_change_undone', outcome: 'success' },
      { owner, pii, onlyIf: sql`${owner} IS NOT NULL` },
    ),
    mailed: orderMail(ctx, { template: 'reset-password', userId, tokenId: resetId, onlyIf: tokenExists(resetId) }),
    offered: orderMail(ctx, {
      template: 'restore',
      userId,
      tokenId: restoreId,
      onlyIf: tokenExists(restoreId),
    }),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'undo' })
}

/** SQL: the time of the change. Its link was issued in the same batch. */
const changedAt = (nonce: string): SQL => sql`(SELECT created_at FROM one_time_tokens WHERE nonce = ${nonce})`

/**
 * SQL: removes the passkeys. On an account that needs two factors, one from before the change may be the
 * owner's second factor, which a mailbox never replaces. One from after it is of the person who changed the
 * address, and who must not stay by turning two-step sign-in on.
 */
const removePasskeys = (nonce: string, now: number): SQL => sql`
  UPDATE passkeys SET ${assignments(passkeys, removal(now))}
  WHERE user_id = ${consumerOf(nonce)} AND removed_at IS NULL
    AND (created_at >= ${changedAt(nonce)}
      OR EXISTS (SELECT 1 FROM users WHERE users.id = passkeys.user_id AND ${isLevelAtMost(ONE_FACTOR, now)}))`

/**
 * SQL: deletes all open links of the owner, except those that undo an earlier change. Such a link leads to an
 * earlier owner of the account, and a thief must not void it by undoing a change of their own. The order is
 * that of `rowid`, which does not depend on a clock. Links that remove a passkey stay as well: the owner may
 * have one for a passkey from before the change.
 */
const voidLaterLinks = (nonce: string): SQL => sql`
  DELETE FROM one_time_tokens WHERE user_id = ${consumerOf(nonce)} AND consumed_at IS NULL AND purpose <> 'unkey'
    AND (purpose <> 'undo' OR rowid > (SELECT rowid FROM one_time_tokens WHERE nonce = ${nonce}))`
