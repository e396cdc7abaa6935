import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { requireKey } from '../../core/data-key.ts'
import type { SessionId, UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { statementsOf } from '../../storage/database/batch.ts'
import { encryptClients } from '../../storage/database/event-details.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { isUnspent, spendTicket } from '../../storage/database/spent-tickets.ts'
import { sealTotpSecret } from '../../storage/database/totp-secret.ts'
import { assignments, insertInto, onConflict } from '../../storage/database/writes.ts'
import { totpFactors } from '../../storage/schema/index.ts'
import type { EnrolledFactor } from '../finish-enrolment.ts'
import { turnTwoStepOn } from '../turn-two-step-on.ts'
import type { ConfirmedTotp } from './totp-ticket.ts'

type Dependencies = Recording & Pick<Context, 'locale' | 'sessions' | 'defer'>

interface TotpEnrolment {
  readonly userId: UserId
  readonly lookup: DataKeyLookup
  readonly confirmed: ConfirmedTotp
  /** Also turns two-step sign-in on. */
  readonly turnsOn: boolean
  /** The session of the request. Undefined for an enrolment without a session. */
  readonly keptSession: SessionId | undefined
}

/**
 * The steps that add an authenticator app, or replace the one that the account has. A ticket adds one factor:
 * of several requests with it, one succeeds. The step of the confirming code is used up, so the same code
 * cannot sign in. Until the batch has run, the factor of before works; afterwards it does not.
 * @throws AppError `unavailable`, `invalid_access_token`
 */
export async function enrolTotp(
  ctx: Dependencies,
  { userId, lookup, confirmed, turnsOn, keptSession }: TotpEnrolment,
): Promise<EnrolledFactor> {
  const nonce = crypto.randomUUID()
  const isDone = sql`EXISTS (SELECT 1 FROM totp_factors WHERE user_id = ${userId} AND nonce = ${nonce})`
  const payload = { userId, payload: { client: ctx.client } }
  const [secretEnc, [piiOfReplaced, piiOfAdded], ofReplaced, ofAdded, turned] = await Promise.all([
    sealTotpSecret(requireKey(lookup), userId, confirmed.secret),
    encryptClients(ctx, lookup, { owner: userId, count: 2 }),
    sealMailPayload(ctx, lookup, payload),
    sealMailPayload(ctx, lookup, payload),
    turnsOn ? turnTwoStepOn(ctx, { userId, lookup, onlyIf: isDone, keptSession, codesIf: isDone }) : undefined,
  ])
  const factor = { secret_enc: secretEnc, last_step: confirmed.step, failures: 0, nonce, created_at: ctx.now }
  const steps = (mayAdd: SQL) => {
    const onlyIf = sql`${mayAdd} AND ${isUnspent(confirmed)}`
    const replaced = recorded(
      ctx,
      sql`UPDATE totp_factors SET ${assignments(totpFactors, factor)} WHERE user_id = ${userId} AND ${onlyIf}`,
      { action: 'totp.replaced', outcome: 'success', subjectId: userId },
      { pii: piiOfReplaced },
    )
    const added = recorded(
      ctx,
      sql`
        ${insertInto(totpFactors, { user_id: userId, ...factor }, { onlyIf })}
        ${onConflict([totpFactors.userId])}`,
      { action: 'totp.added', outcome: 'success', subjectId: userId },
      { pii: piiOfAdded },
    )
    const isAddedAlone = turned === undefined ? added.happened : sql`${added.happened} AND NOT ${turned.happened}`
    return statementsOf({
      replaced,
      added,
      ticket: spendTicket(confirmed, isDone),
      ...turned?.steps,
      replacementTold: orderMail(ctx, {
        template: 'totp-replaced',
        userId,
        payload: ofReplaced,
        onlyIf: replaced.happened,
      }),
      additionTold: orderMail(ctx, { template: 'totp-added', userId, payload: ofAdded, onlyIf: isAddedAlone }),
    })
  }
  return { steps, isDone, codes: () => turned?.codes() }
}
