import { eq, type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import { DAY_MS } from '../../core/time.ts'
import { askingSessionLives, type PresentedSession, presenterOf } from '../../storage/database/live-session.ts'
import {
  consumerOf,
  consumeToken,
  issueToken,
  sealTokenPayload,
  tokenExists,
  voidTokens,
} from '../../storage/database/one-time-tokens.ts'
import { encryptClient, recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { hasEveryRootKey } from '../../storage/database/root-keys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { isFreeFor, u } from '../../storage/database/users.ts'
import { assignments, whether } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { emailValues, sealEmail } from './email-columns.ts'
import { readAddressToken } from './read-address-token.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'locale'>

/**
 * The new address has confirmed: it becomes the account's. The link alone does nothing: the session that
 * asked for the change must live, so that a thief who was put out cannot finish, and whoever confirms must
 * have a session of the same account, so that nobody is given an account that is not theirs. Links that were
 * sent to the old address die, but for those that undo a change: whoever took over a mailbox must not shake
 * them off with a second change. The old address is told and gets such a link only if it had been proven; an
 * unproven one may be a stranger's. Whoever goes back to an address that an undo would lead to has undone
 * what came after it: the addresses in between get no link, and lose theirs. Other capitals are the same
 * mailbox, which needs neither a warning nor a way back.
 * @throws AppError `invalid_access_token`, `invalid_token`, `unavailable`
 */
export async function confirmEmailChange(ctx: Dependencies, id: string, presented: PresentedSession): Promise<void> {
  const { db, now } = ctx
  const presenter = presenterOf(presented, now)
  const found = await readAddressToken(ctx, id, 'change', presenter)
  const { userId, key, target, currentEmail } = found
  const lookup = { kind: 'found', key } as const
  const [columns, payload, mailPayload, pii] = await Promise.all([
    sealEmail(ctx.ring, key, userId, target),
    sealTokenPayload(key, userId, currentEmail),
    sealMailPayload(lookup, userId, { to: currentEmail, client: ctx.client }),
    encryptClient(lookup, userId, ctx.client),
  ])
  const nonce = crypto.randomUUID()
  const undoId = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const wayBack = wayBackTo(columns.indexes, { owner, now })
  const expiresAtMs = now + UNDO_EMAIL_DAYS * DAY_MS
  const isUnchanged = sql`
    u.status = 'active' AND u.email_enc = ${found.currentEmailEnc} AND ${eq(u.isVerified, found.isVerified)}`
  const isWarned = found.isVerified && !columns.indexes.includes(found.currentIndex)
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
    undo: issueToken(
      { id: undoId, purpose: 'undo', now, expiresAtMs, payload, addressIndex: found.currentIndex },
      sql`u.id = ${owner} AND ${whether(isWarned)} AND ${wayBack} IS NULL`,
    ),
    undone: sql`
      DELETE FROM one_time_tokens
      WHERE user_id = ${owner} AND purpose = 'undo' AND consumed_at IS NULL AND rowid > ${wayBack}`,
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

/** SQL: the row of the link that would have led to this address as well; null for none. */
const wayBackTo = (
  indexes: readonly string[],
  { owner, now }: { readonly owner: SQL; readonly now: number },
): SQL => sql`
  (SELECT min(back.rowid) FROM one_time_tokens back
    WHERE back.user_id = ${owner} AND back.purpose = 'undo' AND back.address_index IN ${[...indexes]}
      AND back.consumed_at IS NULL AND back.expires_at > ${now})`
