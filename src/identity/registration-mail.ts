import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { mailLinkExpiry } from '../core/lifetimes.ts'
import type { Step } from '../storage/database/batch.ts'
import { holderOf, issueToken, tokenExists, voidTokens, WAYS_BACK } from '../storage/database/one-time-tokens.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { canBeRestored } from '../storage/database/users.ts'
import { whether } from '../storage/database/writes.ts'

interface Registered {
  readonly userId: UserId
  /** SQL condition: this request created the account. */
  readonly isInserted: SQL
  /** Blind indexes of the address, under every version of the key. */
  readonly indexes: readonly string[]
}

type Dependencies = Pick<Context, 'settings' | 'now' | 'locale' | 'outbox'>

/**
 * Orders the mail after a registration: a link to verify the address. In private mode a registration with a
 * known address mails the owner of the existing account instead (E3 in docs/requirements.md). At most one of
 * the mails is sent.
 */
export function mailAfterRegistration(ctx: Dependencies, { userId, isInserted, indexes }: Registered): Step[] {
  const { now, settings } = ctx
  const [verifyId, resetId, restoreId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
  const token = { now, expiresAtMs: mailLinkExpiry(now) }
  const isOwner = sql`
    u.email_index IN ${[...indexes]} AND NOT ${isInserted} AND ${whether(settings.REGISTRATION_MODE === 'private')}`
  const order = (template: 'verify-email' | 'already-registered' | 'restore', id: string) =>
    orderMail(ctx, { template, userId: holderOf(id), tokenId: id, onlyIf: tokenExists(id) })
  return [
    issueToken({ ...token, id: verifyId, purpose: 'verify' }, sql`u.id = ${userId}`),
    voidTokens(sql`SELECT u.id FROM users u WHERE ${isOwner}`, WAYS_BACK),
    issueToken({ ...token, id: resetId, purpose: 'reset' }, sql`${isOwner} AND u.status <> 'deleted'`),
    issueToken({ ...token, id: restoreId, purpose: 'recover' }, sql`${isOwner} AND ${canBeRestored(now)}`),
    order('verify-email', verifyId),
    order('already-registered', resetId),
    order('restore', restoreId),
  ]
}
