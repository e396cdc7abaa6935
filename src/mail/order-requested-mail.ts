import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { MAIL_LINK_MINUTES } from '../core/lifetimes.ts'
import type { Locale, MailTemplate } from '../core/mail.ts'
import type { TokenPurpose } from '../crypto/one-time-token.ts'
import { canBeRestored } from '../storage/database/can-be-restored.ts'
import { holderOf, issueToken, tokenExists, voidTokens } from '../storage/database/one-time-tokens.ts'
import { orderMail, type RequestedTemplate } from '../storage/outbox-mail.ts'

interface MailRequest {
  readonly template: RequestedTemplate
  /** JSON array. */
  readonly addressIndexes: string
  readonly locale: Locale | null
  /** 1 when the same was asked for again and that request waits as well: one mail is enough. */
  readonly isRepeated: number
}

/** A mail with a link, and whom it is for: a condition on `users u`. Of the offers to one request, one at most applies. */
interface Offer {
  readonly template: MailTemplate
  readonly purpose: TokenPurpose
  readonly replaces: readonly TokenPurpose[]
  readonly isFor: SQL
}

const WAYS_BACK = ['reset', 'restore', 'recover'] as const

function offersFor(template: RequestedTemplate, now: number): readonly Offer[] {
  if (template === 'verify-email') {
    const isFor = sql`u.is_verified = 0 AND u.status = 'active'`
    return [{ template, purpose: 'verify', replaces: ['verify'], isFor }]
  }
  return [
    { template, purpose: 'reset', replaces: WAYS_BACK, isFor: sql`u.status <> 'deleted'` },
    { template: 'restore', purpose: 'recover', replaces: WAYS_BACK, isFor: canBeRestored(now) },
  ]
}

/**
 * Finds out whose address a link was asked for, and orders the mail under the request's own id; the links that it
 * replaces die. An address that nobody has, or whose account needs no such link, gets none. A request becomes a mail
 * once, however often its message comes.
 * @returns false when there is no such request
 */
export async function orderRequestedMail({ db, now }: Pick<Context, 'db' | 'now'>, id: string): Promise<boolean> {
  const request = await db.first(sql<MailRequest>`
    SELECT template, address_indexes AS addressIndexes, locale, EXISTS (
      SELECT 1 FROM mail_requests later WHERE later.address_indexes = mail_requests.address_indexes
        AND later.id > mail_requests.id AND later.template = mail_requests.template) AS isRepeated
    FROM mail_requests WHERE id = ${id}`)
  if (request === undefined) return false
  const offers = request.isRepeated === 1 ? [] : offersFor(request.template, now)
  const isNamed = sql`
    u.email_index IN (SELECT value FROM json_each(${request.addressIndexes}))
    AND EXISTS (SELECT 1 FROM mail_requests WHERE id = ${id})`
  const expiresAtMs = now + MAIL_LINK_MINUTES * 60_000
  await db.batch([
    ...offers.flatMap(({ template, purpose, replaces, isFor }) => {
      const tokenId = crypto.randomUUID()
      const isMeant = sql`${isNamed} AND ${isFor}`
      return [
        voidTokens(sql`SELECT u.id FROM users u WHERE ${isMeant}`, replaces),
        issueToken({ id: tokenId, purpose, now, expiresAtMs }, isMeant),
        orderMail(
          { now, locale: request.locale },
          { id, template, userId: holderOf(tokenId), tokenId, onlyIf: tokenExists(tokenId) },
        ),
      ]
    }),
    sql`DELETE FROM mail_requests WHERE id = ${id}`,
  ])
  return true
}
