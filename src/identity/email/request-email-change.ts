import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { mailLinkExpiry } from '../../core/lifetimes.ts'
import type { Message } from '../../core/message-view.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectAtAnyLevel,
  selectLiveSession,
  standingFor,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { issueToken, sealTokenPayload, tokenExists, voidTokens } from '../../storage/database/one-time-tokens.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { decryptEmail } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'
import type { EmailAddress } from './email-address.ts'

/** The answer for every address, known or not. */
export const confirmationMailed: Message = { message: 'The address changes when the new one has confirmed.' }

type Dependencies = Recording & Pick<Context, 'ring' | 'vault' | 'locale'>

const addressRow = { email_enc: users.emailEnc } as const

/**
 * Mails the new address for confirmation. Nothing changes until it is confirmed, and the link is void once
 * the session of this request has ended. An address that has an account gets no mail. Neither the answer nor
 * the stored rows reveal this (E2 in docs/requirements.md), because the look-up takes place when the mail is
 * sent. The account's own address in a different case is mailed as well. The exact stored spelling is
 * refused.
 * @throws AppError `invalid_access_token`, `validation_failed`, `unavailable`
 */
export async function requestEmailChange(ctx: Dependencies, ref: SessionRef, email: EmailAddress): Promise<Message> {
  const { db, now } = ctx
  const { userId } = ref
  const lives = whereSessionLives(ref, now)
  const [lookup, found] = await Promise.all([
    ctx.vault.find(userId),
    db.first(selectAtAnyLevel(ref, { ...addressRow, ...standingFor(ref, now) }, now)),
  ])
  const user = requireLive(ref, found, now)
  const key = requireKey(lookup)
  if ((await decryptEmail(key, userId, user.email_enc)) === email.display) throw unchanged()
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const id = crypto.randomUUID()
  const [payload, mailPayload, pii] = await Promise.all([
    sealTokenPayload(key, { tokenId: id, userId }, email.display),
    sealMailPayload(ctx, lookup, { userId, payload: { to: email.display, onlyIfFree: indexes } }),
    encryptClient(ctx, lookup, userId),
  ])
  const expiresAtMs = mailLinkExpiry(now)
  const { live } = await db.batch({
    live: selectLiveSession(ref, now),
    voided: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${lives}`, ['change']),
    token: issueToken(
      { id, purpose: 'change', now, expiresAtMs, payload, sessionId: ref.sessionId },
      sql`u.id = ${userId} AND ${lives}`,
    ),
    mailed: orderMail(ctx, {
      template: 'confirm-email',
      userId,
      tokenId: id,
      payload: mailPayload,
      onlyIf: tokenExists(id),
    }),
    recorded: recordEvent(
      ctx,
      { action: 'user.email_change_requested', outcome: 'success', subjectId: userId },
      { pii, onlyIf: lives },
    ),
  })
  requireLive(ref, live[0], now)
  return confirmationMailed
}

const unchanged = () =>
  new AppError('validation_failed', { errors: [{ pointer: '/new_email', detail: 'is the address of this account' }] })
