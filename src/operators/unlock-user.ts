import { clearLock } from '../auth/limits/clear-lock.ts'
import type { Context } from '../context.ts'
import type { AccountOperation } from './change-account.ts'
import { operatorDetail, sealNote } from './operation.ts'

type Dependencies = Pick<
  Context,
  'db' | 'ring' | 'settings' | 'vault' | 'limiter' | 'actor' | 'requestId' | 'now' | 'outbox'
>

/** Lets a person who failed too often try again at once. @returns how many counts were cleared. @throws AppError `not_found`, `unavailable` */
export async function unlockUser(ctx: Dependencies, operation: AccountOperation): Promise<number> {
  const { userId } = operation
  const pii = await sealNote(userId, () => ctx.vault.find(userId), operation)
  return clearLock(ctx, { userId }, { detail: operatorDetail(ctx, operation), pii })
}
