import { eq, type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import { DAY_MS } from '../../core/time.ts'
import { endSessions, type SessionEnding } from '../../storage/database/end-sessions.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { askingSessionLives, type PresentedSession, presenterOf } from '../../storage/database/live-session.ts'
import {
  consumerOf,
  consumeToken,
  issueToken,
  sealTokenPayload,
  tokenExists,
  voidTokens,
} from '../../storage/database/one-time-tokens.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { hasEveryRootKey } from '../../storage/database/root-keys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { isFreeFor, u } from '../../storage/database/users.ts'
import { assignments, whether } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { emailValues, sealEmail } from './email-columns.ts'
import { readAddressToken } from './read-address-token.ts'

type Dependencies = Recording & SessionEnding & Pick<Context, 'ring' | 'vault' | 'locale'>

/**
 * Makes the confirmed new address the account's address.
 *
 * The link alone is not enough. The session that requested the change must be live, so that a thief whose
 * session was ended cannot finish. The person who confirms must have a session of the same account, so that a
 * mistyped address does not give another person's account to its owner.
 *
 * Links mailed to the old address become void, except those that undo an earlier change: a thief must not get
 * rid of them with a second change. The old address gets a mail with such a link only if it was verified,
 * because an unverified one may belong to another person.
 *
 * If the new address is one to which an undo link would lead, this change undoes the later ones. Their
 * addresses get no link and lose theirs. If only the case of letters changes, the mailbox is the same, so
 * there is neither a mail nor an undo link.
 *
 * Sessions that the old mailbox alone has opened end: its holder may be the reason for the change.
 * @throws AppError `invalid_access_token`, `invalid_token`, `unavailable`
 */
export async function confirmEmailChange(ctx: Dependencies, id: string, presented: PresentedSession): Promise<void> {
  const { db, now } = ctx
  const presenter = presenterOf(presented, now)
  const found = await readAddressToken(ctx, id, 'change', presenter)
  const { userId, key, target, currentEmail } = found
  const lookup = { kind: 'found', key } as const
  const undoId = crypto.randomUUID()
  const [columns, payload, mailPayload, pii] = await Promise.all([
    sealEmail(ctx.ring, key, userId, target),
    sealTokenPayload(key, { tokenId: undoId, userId }, currentEmail),
    sealMailPayload(ctx, lookup, { userId, payload: { to: currentEmail, client: ctx.client } }),
    encryptClient(ctx, lookup, userId),
  ])
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const undoLink = undoLinkTo(columns.indexes, { owner, now })
  const expiresAtMs = now + UNDO_EMAIL_DAYS * DAY_MS
  // The jobs of a rotation and of an update rewrite one of the two columns of an address that stays the same.
  const isUnchanged = sql`
    u.status = 'active' AND (u.email_enc = ${found.currentEmailEnc} OR u.email_index = ${found.currentIndex})
    AND ${eq(u.isVerified, found.isVerified)}`
  const isOtherMailbox = !columns.indexes.includes(found.currentIndex)
  const isOldAddressMailed = found.isVerified && isOtherMailbox
  const shownMembers = { presenter: computed.textOrNull(presenter) } as const
  const { shown, consumed } = await db.batch({
    shown: withRows(shownMembers, sql`SELECT ${columnsOf(shownMembers)}`),
    consumed: consumeToken(
      { id, purpose: 'change', now, nonce },
      sql`${isUnchanged} AND ${presenter} = u.id AND ${askingSessionLives('one_time_tokens', now)}
        AND ${isFreeFor(columns.indexes, { userId: sql`u.id`, now })}
        AND ${hasEveryRootKey(ctx.ring)}`,
    ),
    moved: sql`
      UPDATE users SET ${assignments(users, { ...emailValues(columns), is_verified: true })} WHERE id = ${owner}`,
    voided: voidTokens(owner, ['verify', 'reset', 'change']),
    ended: isOtherMailbox
      ? endSessions(
          ctx,
          'factors_changed',
          sql`user_id = ${owner} AND amr = ${JSON.stringify(provenBy('email'))} AND id <> ${presented.sessionId}
            AND id IS NOT (SELECT session_id FROM one_time_tokens WHERE nonce = ${nonce})`,
        )
      : undefined,
    undo: issueToken(
      { id: undoId, purpose: 'undo', now, expiresAtMs, payload, addressIndex: found.currentIndex },
      sql`u.id = ${owner} AND ${whether(isOldAddressMailed)} AND ${undoLink} IS NULL`,
    ),
    undone: sql`
      DELETE FROM one_time_tokens
      WHERE user_id = ${owner} AND purpose = 'undo' AND consumed_at IS NULL AND rowid > ${undoLink}`,
    recorded: recordEvent(
      ctx,
      { action: 'user.email_changed', outcome: 'success' },
      { owner, pii, onlyIf: sql`${owner} IS NOT NULL` },
    ),
    told: orderMail(ctx, {
      template: 'email-changed',
      userId,
      tokenId: undoId,
      payload: mailPayload,
      onlyIf: tokenExists(undoId),
    }),
  })
  if (shown[0]?.presenter == null) throw new AppError('invalid_access_token')
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'change' })
}

/** SQL: the rowid of the undo link that leads to this address; null if there is none. */
const undoLinkTo = (
  indexes: readonly string[],
  { owner, now }: { readonly owner: SQL; readonly now: number },
): SQL => sql`
  (SELECT min(back.rowid) FROM one_time_tokens back
    WHERE back.user_id = ${owner} AND back.purpose = 'undo' AND back.address_index IN ${[...indexes]}
      AND back.consumed_at IS NULL AND back.expires_at > ${now})`
