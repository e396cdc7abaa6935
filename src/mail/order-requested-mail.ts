import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { mailLinkExpiry, TICKET_MINUTES } from '../core/lifetimes.ts'
import type { TokenTemplate } from '../core/mail.ts'
import { newMailOutbox } from '../core/ports.ts'
import type { TokenPurpose } from '../core/token-text.ts'
import type { Row } from '../storage/database/members.ts'
import { holderOf, issueToken, tokenExists, voidTokens, WAYS_BACK } from '../storage/database/one-time-tokens.ts'
import { orderMail } from '../storage/database/outbox-mail.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { isUnspent } from '../storage/database/spent-tickets.ts'
import { canBeRestored } from '../storage/database/users.ts'
import { whether } from '../storage/database/writes.ts'
import { mailRequests } from '../storage/schema/index.ts'

const requestMembers = {
  id: mailRequests.id,
  template: mailRequests.template,
  address_indexes: mailRequests.addressIndexes,
  locale: mailRequests.locale,
  created_at: mailRequests.createdAt,
  /**
   * A later request for the same mail is waiting too, so this one is dropped: one mail is enough. Not a mail
   * that signs in: each belongs to another browser.
   */
  is_repeated: computed.flag(sql`EXISTS (
    SELECT 1 FROM mail_requests later WHERE later.address_indexes = mail_requests.address_indexes
      AND later.id > mail_requests.id AND later.template = mail_requests.template
      AND later.template NOT IN ('sign-in', 'sign-up'))`),
} as const
type MailRequest = Row<typeof requestMembers>

/**
 * A mail with a link, and its recipient as a condition on `users u`. At most one of the offers for a request
 * matches.
 */
type Offer = TokenOffer | { readonly template: 'sign-in'; readonly isFor: SQL }

interface TokenOffer {
  readonly template: TokenTemplate
  readonly purpose: TokenPurpose
  readonly replaces: readonly TokenPurpose[]
  readonly isFor: SQL
}

/**
 * A request may have waited for days, so the mail depends on the state of the account now and not at the time
 * of the request.
 */
function offersTo({ id, template, created_at: createdAtMs }: MailRequest, now: number): readonly Offer[] {
  const wayBack: Offer = {
    template: 'restore',
    purpose: 'recover',
    replaces: WAYS_BACK,
    isFor: sql`${canBeRestored(now)} AND u.deleted_at <= ${createdAtMs}`,
  }
  switch (template) {
    case 'verify-email':
      return [
        { template, purpose: 'verify', replaces: ['verify'], isFor: sql`u.is_verified = 0 AND u.status = 'active'` },
      ]
    case 'reset-password': {
      const hasChangedPassword = sql`
        EXISTS (SELECT 1 FROM credentials WHERE user_id = u.id AND changed_at > ${createdAtMs})`
      return [
        {
          template,
          purpose: 'reset',
          replaces: WAYS_BACK,
          isFor: sql`u.status <> 'deleted' AND NOT ${hasChangedPassword}`,
        },
        wayBack,
      ]
    }
    case 'sign-in':
    case 'sign-up': {
      const lives = sql`${whether(createdAtMs > now - TICKET_MINUTES['mail-sign-in'] * 60_000)} AND ${isUnspent({ id })}`
      return [{ template: 'sign-in', isFor: sql`u.status <> 'deleted' AND ${lives}` }, wayBack]
    }
  }
}

/**
 * Looks up the account of the requested address and orders the mail under the request's id. Older links of
 * the same kind become invalid. There is no mail if no account has the address, if the account needs no such
 * link, or if it got a newer one. A request becomes a mail once, however often its queue message is
 * delivered.
 * @returns whether the request existed and a mail was ordered
 */
export async function orderRequestedMail({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  const request = await db.first(selectRequest(id))
  if (request === undefined) return false
  const { created_at: createdAtMs, locale } = request
  const offers = request.is_repeated ? [] : offersTo(request, now)
  const isNamed = sql`
    u.id = (SELECT id FROM users WHERE email_index IN (SELECT value FROM json_each(${request.address_indexes})) LIMIT 1)
    AND u.created_at <= ${createdAtMs} AND EXISTS (SELECT 1 FROM mail_requests WHERE id = ${id})`
  const outbox = newMailOutbox()
  const statements = offers.flatMap((offer) => {
    const { template, isFor } = offer
    const mailer = { now: createdAtMs, locale, outbox }
    if (template === 'sign-in') {
      const userId = sql`(SELECT u.id FROM users u WHERE ${isNamed} AND ${isFor})`
      return [orderMail(mailer, { id, template, userId, onlyIf: sql`${userId} IS NOT NULL` })]
    }
    const { purpose, replaces } = offer
    const tokenId = crypto.randomUUID()
    const isMeant = sql`
      ${isNamed} AND ${isFor} AND NOT EXISTS (
        SELECT 1 FROM one_time_tokens newer WHERE newer.user_id = u.id AND newer.consumed_at IS NULL
          AND newer.purpose IN ${[...replaces]} AND newer.created_at > ${createdAtMs})`
    return [
      voidTokens(sql`SELECT u.id FROM users u WHERE ${isMeant}`, replaces),
      issueToken({ id: tokenId, purpose, now, expiresAtMs: mailLinkExpiry(now) }, isMeant),
      orderMail(mailer, { id, template, userId: holderOf(tokenId), tokenId, onlyIf: tokenExists(tokenId) }),
    ]
  })
  // A sign-up of an address without an account stays: `sendSignUpMail` sends it, and then deletes it.
  const isDone = sql`template <> 'sign-up' OR EXISTS (
    SELECT 1 FROM users WHERE email_index IN (SELECT value FROM json_each(${request.address_indexes})))`
  await db.batch({ ordered: statements, done: sql`DELETE FROM mail_requests WHERE id = ${id} AND (${isDone})` })
  return outbox.mailJobs.size > 0
}

const selectRequest = (id: string) =>
  withRows(requestMembers, sql`SELECT ${columnsOf(requestMembers)} FROM mail_requests WHERE id = ${id}`)
