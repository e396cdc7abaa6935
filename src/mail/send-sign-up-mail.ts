import { sql } from 'drizzle-orm'
import type { Mailing } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import { TICKET_MINUTES } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import { MailRefusedError } from '../core/mail.ts'
import { mailCodeOf } from '../crypto/mail-code.ts'
import { mintOneTimeToken } from '../crypto/one-time-token.ts'
import { openTicket } from '../crypto/ticket.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments, plusOne } from '../storage/database/writes.ts'
import { mailRequests } from '../storage/schema/index.ts'
import { chooseLocale } from './choose-locale.ts'
import { linkBaseOf } from './link-base.ts'
import { renderMail } from './render-mail.ts'

const claimedRequest = {
  address_enc: mailRequests.addressEnc,
  locale: mailRequests.locale,
  created_at: mailRequests.createdAt,
  attempts: mailRequests.attempts,
} as const

/** Longer than a transport may take. */
const LEASE_MS = 2 * 60_000
const RETRY_SECONDS = 15

/**
 * Mails a code and a link to an address that has no account. The address is in the request alone, encrypted,
 * and the request is deleted as soon as the mail was sent, or was useless after ten minutes. So somebody who
 * begins a sign-up and leaves it is not stored.
 * @returns seconds until the next attempt; null if there is none
 */
export async function sendSignUpMail(ctx: Mailing, id: string): Promise<number | null> {
  const { db, now, settings } = ctx
  const row = await db.first(
    withRows(
      claimedRequest,
      sql`
        UPDATE mail_requests SET ${assignments(mailRequests, {
          claimed_until: now + LEASE_MS,
          attempts: plusOne(mailRequests.attempts),
        })}
        WHERE id = ${id} AND template = 'sign-up' AND (claimed_until IS NULL OR claimed_until <= ${now})
        RETURNING ${columnsOf(claimedRequest)}`,
    ),
  )
  if (row === undefined) return null
  const opened = await openTicket(ctx.ring, 'mail-address', row.address_enc ?? '', now)
  const isUseless = row.created_at <= now - TICKET_MINUTES['mail-sign-in'] * 60_000 || opened?.id !== id
  if (isUseless || settings.MAIL_TRANSPORT === 'off') return drop(ctx, id)
  try {
    await send(ctx, { id, email: opened.email, locale: row.locale ?? '' })
  } catch (error) {
    const { name } = describeFailure(error)
    const isRefused = error instanceof MailRefusedError
    log('warn', isRefused ? 'mail_refused' : 'mail_failed', {
      template: 'sign-up',
      attempts: row.attempts,
      error: name,
    })
    if (isRefused) return drop(ctx, id)
    const again = assignments(mailRequests, { claimed_until: now + RETRY_SECONDS * 1000 })
    await db.batch({ noted: sql`UPDATE mail_requests SET ${again} WHERE id = ${id}` })
    return RETRY_SECONDS
  }
  return drop(ctx, id)
}

interface SignUpMail {
  readonly id: string
  readonly email: string
  readonly locale: string
}

async function send({ ring, settings, mail: transport }: Mailing, { id, email, locale }: SignUpMail): Promise<void> {
  const [code, token] = await Promise.all([mailCodeOf(ring, id), mintOneTimeToken(ring, 'signin', id)])
  const link = `${linkBaseOf(settings)}/sign-in#token=${token}`
  const options = {
    productName: settings.PRODUCT_NAME,
    locale: chooseLocale({ preference: undefined, acceptLanguage: locale }),
  }
  const rendered = renderMail({ template: 'sign-up', code, link }, options)
  await transport.send({ ...rendered, to: email, idempotencyKey: id })
}

async function drop({ db }: Pick<Mailing, 'db'>, id: string): Promise<null> {
  await db.batch({ done: sql`DELETE FROM mail_requests WHERE id = ${id}` })
  return null
}
