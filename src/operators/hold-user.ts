import { liftHold, placeHold } from '../compliance/erasure/legal-hold.ts'
import type { Context } from '../context.ts'
import { openErasureSeals } from '../crypto/erasure-seal.ts'
import type { Account } from './account-view.ts'
import { type AccountOperation, type ChangeDependencies, changeAccount } from './change-account.ts'
import { operatorDetail } from './operation.ts'

export interface HoldChange extends AccountOperation {
  readonly action: 'place' | 'lift'
}

/** Blocks the purge of an account, or allows it again. @throws AppError as `changeAccount` */
export async function holdUser(ctx: ChangeDependencies & Pick<Context, 'ring'>, hold: HoldChange): Promise<Account> {
  const { userId, reason, action } = hold
  const detail = operatorDetail(ctx, hold)
  return action === 'place'
    ? changeAccount(ctx, hold, {
        change: placeHold({ userId, reason, now: ctx.now, seals: await openErasureSeals(ctx.ring) }),
        event: { action: 'legal_hold.placed', detail },
      })
    : changeAccount(ctx, hold, {
        change: liftHold(userId),
        event: { action: 'legal_hold.lifted', detail },
      })
}
