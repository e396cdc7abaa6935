import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { mailLinkExpiry } from '../core/lifetimes.ts'
import type { TokenTemplate } from '../core/mail.ts'
import { newOutbox } from '../core/ports.ts'
import type { TokenPurpose } from '../core/token-text.ts'
import type { Row } from '../storage/database/members.ts'
import { holderOf, issueToken, tokenExists, voidTokens, WAYS_BACK } from '../storage/database/one-time-tokens.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { canBeRestored } from '../storage/database/users.ts'
import { mailRequests } from '../storage/schema/index.ts'

const requestMembers = {
  template: mailRequests.template,
  address_indexes: mailRequests.addressIndexes,
  locale: mailRequests.locale,
  created_at: mailRequests.createdAt,
  /** The same was asked for again and that request waits as well: one mail is enough. */
  is_repeated: computed.flag(sql`EXISTS (
    SELECT 1 FROM mail_requests later WHERE later.address_indexes = mail_requests.address_indexes
      AND later.id > mail_requests.id AND later.template = mail_requests.template)`),
} as const
type MailRequest = Row<typeof requestMembers>

/**
 * A mail with a link, and whom it is for: a condition on `users u`. Of the offers to one request, one at most
 * applies.
 */
interface Offer {
  readonly template: TokenTemplate
  readonly purpose: TokenPurpose
  readonly replaces: readonly TokenPurpose[]
  readonly isFor: SQL
}

/** What has happened since the request has the last word: it may have waited for days. */
function offersTo({ template, created_at: createdAtMs }: MailRequest, now: number): readonly Offer[] {
  switch (template) {
    case 'verify-email':
      return [
        { template, purpose: 'verify', replaces: ['verify'], isFor: sql`u.is_verified = 0 AND u.status = 'active'` },
      ]
    case 'reset-password': {
      const hasChangedPassword = sql`
        EXISTS (SELECT 1 FROM credentials WHERE user_id = u.id AND changed_at > ${createdAtMs})`
      const wasDeletedBefore = sql`${canBeRestored(now)} AND u.deleted_at <= ${createdAtMs}`
      return [
        {
          template,
          purpose: 'reset',
          replaces: WAYS_BACK,
          isFor: sql`u.status <> 'deleted' AND NOT ${hasChangedPassword}`,
        },
        { template: 'restore', purpose: 'recover', replaces: WAYS_BACK, isFor: wasDeletedBefore },
      ]
    }
  }
}

/**
 * Finds out whose address a link was asked for, and orders the mail under the request's own id; the links
 * that it replaces die. An address that nobody has, or whose account needs no such link or got a newer one,
 * gets none. A request becomes a mail once, however often its message comes.
 * @returns whether there was such a request and a mail was ordered
 */
export async function orderRequestedMail({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  const request = await db.first(selectRequest(id))
  if (request === undefined) return false
  const { created_at: createdAtMs, locale } = request
  const offers = request.is_repeated ? [] : offersTo(request, now)
  const isNamed = sql`
    u.id = (SELECT id FROM users WHERE email_index IN (SELECT value FROM json_each(${request.address_indexes})) LIMIT 1)
    AND u.created_at <= ${createdAtMs} AND EXISTS (SELECT 1 FROM mail_requests WHERE id = ${id})`
  const outbox = newOutbox()
  const statements = offers.flatMap(({ template, purpose, replaces, isFor }) => {
    const tokenId = crypto.randomUUID()
    const isMeant = sql`
      ${isNamed} AND ${isFor} AND NOT EXISTS (
        SELECT 1 FROM one_time_tokens newer WHERE newer.user_id = u.id AND newer.consumed_at IS NULL
          AND newer.purpose IN ${[...replaces]} AND newer.created_at > ${createdAtMs})`
    return [
      voidTokens(sql`SELECT u.id FROM users u WHERE ${isMeant}`, replaces),
      issueToken({ id: tokenId, purpose, now, expiresAtMs: mailLinkExpiry(now) }, isMeant),
      orderMail(
        { now: createdAtMs, locale, outbox },
        { id, template, userId: holderOf(tokenId), tokenId, onlyIf: tokenExists(tokenId) },
      ),
    ]
  })
  await db.batch({ ordered: statements, done: sql`DELETE FROM mail_requests WHERE id = ${id}` })
  return outbox.mailJobs.size > 0
}

const selectRequest = (id: string) =>
  withRows(requestMembers, sql`SELECT ${columnsOf(requestMembers)} FROM mail_requests WHERE id = ${id}`)
