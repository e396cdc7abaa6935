import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { Recorded } from '../storage/database/batch.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { encryptClient } from '../storage/database/event-details.ts'
import { orderMail, sealMailPayload } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { isUnvouched } from '../storage/database/session-methods.ts'
import type { Runnable } from '../storage/database/statement.ts'
import { assignments } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import { giveRecoveryCodes } from './give-recovery-codes.ts'

interface TwoStepChange {
  readonly userId: UserId
  readonly lookup: DataKeyLookup
  /** SQL condition: two-step sign-in is turned on only if it holds. */
  readonly onlyIf: SQL
  /** SQL condition under which the account gets recovery codes as well, even if it was on before. */
  readonly codesIf?: SQL
  /** The session of the request, which goes on. Undefined for an enrolment without a session. */
  readonly keptSession: SessionId | undefined
}

export interface TurnedOn {
  readonly steps: {
    readonly enabled: Recorded<unknown>
    readonly former: Runnable
    readonly made: Recorded<unknown>
    readonly ended: Runnable
    readonly told: Runnable
  }
  /** SQL condition: the batch has turned it on. False if it was on before. */
  readonly happened: SQL
  /** New recovery codes, once the batch has stored them. */
  readonly codes: () => string[] | undefined
}

type Dependencies = Recording & Pick<Context, 'locale' | 'sessions' | 'defer'>

/**
 * The steps that turn two-step sign-in on. The account gets recovery codes if it has no code that can still
 * be used, and its owner is mailed. Other sessions end, because they may be a thief's, except those with a
 * passkey that the account has.
 */
export async function turnTwoStepOn(
  ctx: Dependencies,
  { userId, lookup, onlyIf, keptSession, codesIf }: TwoStepChange,
): Promise<TurnedOn> {
  const [pii, payload] = await Promise.all([
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
  ])
  const enabled = recorded(
    ctx,
    sql`
      UPDATE users SET ${assignments(users, { two_step_at: ctx.now })}
      WHERE id = ${userId} AND two_step_at IS NULL AND ${onlyIf}`,
    { action: 'two_step.enabled', outcome: 'success', subjectId: userId },
    { pii },
  )
  const { happened } = enabled
  const given = await giveRecoveryCodes(ctx, { userId, lookup, onlyIf: codesIf ?? happened, replaces: false })
  const isOther = keptSession === undefined ? sql`true` : sql`id <> ${keptSession}`
  return {
    steps: {
      enabled,
      ...given.steps,
      ended: endSessions(
        ctx,
        'factors_changed',
        sql`user_id = ${userId} AND ${isOther} AND ${isUnvouched} AND ${happened}`,
      ),
      told: orderMail(ctx, { template: 'two-step-enabled', userId, payload, onlyIf: happened }),
    },
    happened,
    codes: given.codes,
  }
}
