import { liftHold, placeHold } from '../compliance/erasure/legal-hold.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

export interface HoldChange extends AccountOperation {
  readonly action: 'place' | 'lift'
}

/** Blocks the purge of an account, or allows it again. @throws AppError as `changeAccount` */
export function holdUser(ctx: ChangeDependencies, hold: HoldChange): Promise<Account> {
  const { userId, reason, action } = hold
  const detail = operatorDetail(ctx, hold)
  return action === 'place'
    ? changeAccount(ctx, hold, {
        change: placeHold({ userId, reason, now: ctx.now }),
        event: { action: 'legal_hold.placed', detail },
      })
    : changeAccount(ctx, hold, { change: liftHold(userId), event: { action: 'legal_hold.lifted', detail } })
}
