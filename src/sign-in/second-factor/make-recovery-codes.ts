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
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { ownsLastingFactor } from '../../storage/database/second-factors.ts'
import { giveRecoveryCodes } from '../give-recovery-codes.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import type { RecoveryCodes } from './factors-view.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'locale' | 'settings'>

/**
 * Makes ten new recovery codes and mails the owner. All codes of before end. Recovery codes stand in for a
 * second factor, so an account without one gets none.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `no_factor`
 */
export async function makeRecoveryCodes(ctx: Dependencies, session: SessionRef): Promise<RecoveryCodes> {
  const { db, now } = ctx
  const ref = onlyIfProven(ctx, session)
  const { userId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const onlyIf = sql`${whereSessionLives(ref, now)} AND ${ownsLastingFactor({ userId, rpId: rpIdOf(ctx.settings) })}`
  const [given, payload] = await Promise.all([
    giveRecoveryCodes(ctx, { userId, lookup, onlyIf, replaces: true }),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
  ])
  const { live } = await db.batch({
    live: selectLiveSession(ref, now),
    ...given.steps,
    told: orderMail(ctx, { template: 'recovery-codes-made', userId, payload, onlyIf: given.happened }),
  })
  requireLive(ref, live[0], now)
  const codes = given.codes()
  if (codes === undefined) throw new AppError('no_factor')
  return { recovery_codes: codes }
}
