import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { FactorKind } from '../core/factor-kinds.ts'
import type { UserId } from '../core/ids.ts'
import { HOUR_MS, rfc3339 } from '../core/time.ts'
import type { FactorReset } from '../identity/factor-reset/factor-reset-view.ts'
import { fitsQuota, sealMailPayload } from '../storage/database/outbox-mail.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { hasStoredFactor } from '../storage/database/second-factors.ts'
import { u } from '../storage/database/users.ts'
import { insertInto } from '../storage/database/writes.ts'
import { factorResets } from '../storage/schema/index.ts'
import type { AccountRow } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

export interface FactorResetRequest extends AccountOperation {
  readonly kinds: readonly FactorKind[]
}

type Dependencies = ChangeDependencies & Pick<Context, 'settings'>

const requestedReset = { user_id: factorResets.userId } as const

/**
 * Requests that second factors of an account are removed, for a person who has lost them and whose identity
 * the operator has checked. It happens after `FACTOR_RESET_DELAY_HOURS`, by the cron. The owner gets a mail
 * with a link that cancels it until then: a thief who has talked an operator into it gets nothing sooner.
 *
 * Nobody resets their own factors. The address must be proven, because the owner has to get the mail; a
 * service that sends no mail has none to prove. The request is refused while the account's quota would hold
 * that mail back.
 * @throws AppError `not_found`, `email_unverified`, `state_conflict`, `unavailable`
 */
export async function resetFactors(ctx: Dependencies, request: FactorResetRequest): Promise<FactorReset> {
  const { userId, kinds } = request
  const { now, settings, actor } = ctx
  const dueAtMs = now + settings.FACTOR_RESET_DELAY_HOURS * HOUR_MS
  const sendsMail = settings.MAIL_TRANSPORT !== 'off'
  const template = 'factor-reset-requested'
  const operatorId = actor.type === 'user' ? actor.userId : userId
  const mayBeTold = sendsMail ? sql`u.is_verified AND ${fitsQuota(template, now)}` : sql`true`
  const insertion = insertInto(
    factorResets,
    { user_id: u.id, kinds: JSON.stringify(kinds), due_at: dueAtMs, requested_by: operatorId, created_at: now },
    {
      from: sql`users u`,
      onlyIf: sql`u.id = ${userId} AND u.id <> ${operatorId} AND u.status <> 'deleted' AND ${mayBeTold}
        AND ${hasStoredFactor(sql`u.id`, kinds)}`,
    },
  )
  const payload = await sealMailPayload(ctx, await ctx.vault.find(userId), {
    userId,
    payload: { factorKinds: [...kinds], resetAtMs: dueAtMs },
  })
  const dueAt = rfc3339(dueAtMs)
  await changeAccount(ctx, request, {
    change: withRows(requestedReset, sql`${insertion} ON CONFLICT DO NOTHING RETURNING ${columnsOf(requestedReset)}`),
    mail: {
      template,
      payload,
      // The cron may take a few minutes after the time. The link works until it has done the reset.
      token: { id: crypto.randomUUID(), purpose: 'keep', expiresAtMs: dueAtMs + HOUR_MS },
    },
    event: { action: 'factors.reset_requested', detail: { ...operatorDetail(ctx, request), kinds, due_at: dueAt } },
    refusal: (account) => refusalOf(account, { operatorId, sendsMail }),
  })
  return { kinds: [...kinds], due_at: dueAt }
}

function refusalOf(
  account: AccountRow,
  { operatorId, sendsMail }: { readonly operatorId: UserId; readonly sendsMail: boolean },
): AppError | undefined {
  if (account.id === operatorId)
    return new AppError('state_conflict', { detail: 'Another operator must reset your second factors.' })
  return sendsMail && !account.is_verified && account.status !== 'deleted'
    ? new AppError('email_unverified')
    : undefined
}
