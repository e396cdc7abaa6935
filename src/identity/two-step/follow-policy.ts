import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { rfc3339 } from '../../core/time.ts'
import { dueFromNow, type TwoStepPolicy } from '../../core/two-step-policy.ts'
import type { Step } from '../../storage/database/batch.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { applyTwoStepPolicy } from '../../storage/database/two-step-policy.ts'

interface Followed {
  /** SQL for the user id, if only the database knows it. */
  readonly userId: UserId | SQL
  /** Whether the policy covers the account, as this batch leaves it. */
  readonly isCovered: boolean
  /** `role`: a role was given or taken. `policy`: the settings have changed. */
  readonly by: 'role' | 'policy'
  /** SQL condition: the batch has given or taken the role. */
  readonly onlyIf?: SQL
}

/**
 * Statements that give one account the due date of the policy, record it, and mail the owner. They do nothing
 * where the account already has what the policy says. In a batch that gives or takes a role they come last.
 */
export function followPolicy(
  ctx: Recorder,
  policy: TwoStepPolicy,
  { userId, isCovered, by, onlyIf = sql`true` }: Followed,
): Step[] {
  const [due_at, which] = [rfc3339(dueFromNow(policy, ctx.now)), sql`users.id = ${userId} AND ${onlyIf}`]
  const subject = typeof userId === 'string' ? { subjectId: userId } : {}
  const changed = recorded(
    ctx,
    applyTwoStepPolicy(policy, ctx.now, which),
    isCovered
      ? { action: 'two_step.due', outcome: 'success', detail: { due_at, by }, ...subject }
      : { action: 'two_step.released', outcome: 'success', detail: { by }, ...subject },
    typeof userId === 'string' ? {} : { subject: userId },
  )
  if (!isCovered) return [changed]
  const told = orderMail({ ...ctx, locale: null }, { template: 'two-step-due', userId, onlyIf: changed.happened })
  return [changed, told]
}
