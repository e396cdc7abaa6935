import { sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import type { View } from '../../core/answer-schema.ts'
import { acceptConsents, type SentConsents } from '../../core/consent-documents.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { issueTicket, type NewAccount, openTicket } from '../../crypto/ticket.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { requestMail } from '../../storage/database/outbox-mail.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { spendTicket } from '../../storage/database/spent-tickets.ts'
import { requireMailSignIn } from '../require-mail-sign-in.ts'
import type { mailSignInView } from './mail-sign-in-view.ts'

type Dependencies = Limiting & Pick<Context, 'ring' | 'settings' | 'vault' | 'locale'>

interface SignInRequest {
  readonly email: EmailAddress
  /** The request that the same browser made before. It becomes void. */
  readonly previous?: string | undefined
  /** For a sign-up: what an account gets if the address has none. */
  readonly signUp?: (Pick<NewAccount, 'profile'> & { readonly consents: SentConsents }) | undefined
}

/**
 * Requests a mail with a code and a link that sign in. Both follow from the id of the request under a root
 * key, so they are stored nowhere, and they exist before anybody knows whether the address has an account:
 * the same rows are written for every address. They work only together with the ticket that is answered to
 * the browser that asked. A sign-up is mailed to an address without an account as well; nothing else is
 * stored of it. Waits for storage once.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off, `validation_failed` for consents that do not
 * fit, `rate_limited`, and `misconfigured`, for every address, while a root key is missing
 */
export async function requestSignInCode(
  ctx: Dependencies,
  { email, previous, signUp: sent }: SignInRequest,
): Promise<View<typeof mailSignInView>> {
  const { ring, now } = ctx
  requireMailSignIn(ctx)
  const id = newTimeOrderedId(now)
  const typed = { email: email.display }
  const signUp = sent && { ...sent, consents: acceptConsents(ctx.settings, sent.consents) }
  const [rateLimit, indexes, former, request, address] = await Promise.all([
    prepareRateLimit(ctx, 'mail-sign-in', { email }),
    blindIndexes(ring, 'emailIndex', email.canonical),
    previous === undefined ? undefined : openTicket(ring, 'mail-sign-in', previous, now),
    issueTicket(ctx, 'mail-sign-in', { ...typed, ...(signUp && { signUp }) }, id),
    signUp && issueTicket(ctx, 'mail-address', typed, id),
  ])
  const onlyIf = rateLimit.isWithinLimit
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    former: former && spendTicket(former, onlyIf),
    requested: requestMail(ctx, {
      id,
      template: signUp ? 'sign-up' : 'sign-in',
      indexes,
      addressEnc: address?.ticket,
      onlyIf,
    }),
    recorded: recordEvent(
      ctx,
      { action: 'user.sign_in_code_requested', outcome: 'success' },
      {
        subject: sql`(SELECT id FROM users WHERE email_index IN ${indexes})`,
        onlyIf,
        later: addClientLater(ctx, keyOfSubject(ctx)),
      },
    ),
    missing: selectMissingRootKeys(ring),
  })
  const { counted, missing } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  refuseWithoutRootKeys(missing)
  return { request: request.ticket, expires_in: request.expiresIn }
}
