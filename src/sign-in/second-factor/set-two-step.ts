import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { ownsLastingFactor } from '../../storage/database/second-factors.ts'
import { isCoveredByPolicy } from '../../storage/database/two-step-policy.ts'
import { assignments } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { describeChange } from '../describe-change.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import { turnTwoStepOn } from '../turn-two-step-on.ts'
import { showTwoStep, type TwoStepSet } from './factors-view.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'locale' | 'sessions' | 'settings' | 'defer'>

const twoStepRow = { two_step_at: users.twoStepAt, two_step_due_at: users.twoStepDueAt } as const

/**
 * Turns two-step sign-in on or off. On: `turnTwoStepOn`. Off: the second factors stay, and the owner is
 * mailed. It cannot be turned off while a rule or an operator requires it, now or from a later day on. The
 * rule counts also before the daily job has given the account its date. The date of an import ends with it:
 * it required a new factor of a person who had used one elsewhere.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified` (on), `no_factor` (on,
 * without a second factor), `factor_required` (off, while it is required)
 */
export const setTwoStep = (ctx: Dependencies, ref: SessionRef, isOn: boolean): Promise<TwoStepSet> =>
  isOn ? turnOn(ctx, onlyIfProven(ctx, ref)) : turnOff(ctx, ref)

const selectTwoStep = ({ userId }: SessionRef) =>
  withRows(twoStepRow, sql`SELECT ${columnsOf(twoStepRow)} FROM users WHERE id = ${userId}`)

async function turnOn(ctx: Dependencies, ref: SessionRef): Promise<TwoStepSet> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const onlyIf = sql`${whereSessionLives(ref, now)} AND ${ownsLastingFactor({ userId, rpId: rpIdOf(ctx.settings) })}`
  const turned = await turnTwoStepOn(ctx, { userId, lookup, onlyIf, keptSession: sessionId })
  const { live, account } = await db.batch({
    live: selectLiveSession(ref, now),
    ...turned.steps,
    account: selectTwoStep(ref),
  })
  requireLive(ref, live[0], now)
  const [row] = account
  if (row === undefined || row.two_step_at === null) throw new AppError('no_factor')
  const codes = turned.codes()
  return { two_step: showTwoStep(row), ...(codes && { recovery_codes: codes }) }
}

async function turnOff(ctx: Dependencies, ref: SessionRef): Promise<TwoStepSet> {
  const { db, settings, now } = ctx
  const { userId } = ref
  const isRequired = sql`(users.two_step_due_by IS NOT NULL OR ${isCoveredByPolicy(settings)})`
  const ruledRow = { ...twoStepRow, is_required: computed.flag(isRequired) } as const
  const { pii, payload } = await describeChange(ctx, userId)
  const disabled = recorded(
    ctx,
    sql`
      UPDATE users SET ${assignments(users, { two_step_at: null, two_step_due_at: null })}
      WHERE users.id = ${userId} AND two_step_at IS NOT NULL AND NOT ${isRequired}
        AND ${whereSessionLives(ref, now)}`,
    { action: 'two_step.disabled', outcome: 'success', subjectId: userId },
    { pii },
  )
  const { live, account } = await db.batch({
    live: selectLiveSession(ref, now),
    disabled,
    account: withRows(ruledRow, sql`SELECT ${columnsOf(ruledRow)} FROM users WHERE users.id = ${userId}`),
    told: orderMail(ctx, { template: 'two-step-disabled', userId, payload, onlyIf: disabled.happened }),
  })
  requireLive(ref, live[0], now)
  const [row] = account
  if (row === undefined || row.is_required) throw new AppError('factor_required')
  return { two_step: showTwoStep(row) }
}
