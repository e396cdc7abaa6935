import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { readOneTimeToken } from '../../crypto/one-time-token.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { consumerOf, consumeToken } from '../../storage/database/one-time-tokens.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { refuseToken } from '../../storage/database/refuse-token.ts'
import { cancelFactorReset } from './cancel-factor-reset.ts'

type Dependencies = Recording & Pick<Context, 'ring' | 'vault'>

/**
 * Cancels the reset of second factors that an operator has requested, with the link that was mailed to the
 * owner. It signs nobody in.
 * @throws AppError `invalid_token`, also when the reset was done or cancelled
 */
export async function keepFactors(ctx: Dependencies, token: string): Promise<void> {
  const id = await readOneTimeToken(ctx.ring, 'keep', token)
  if (id === undefined) throw new AppError('invalid_token')
  const nonce = crypto.randomUUID()
  const owner = consumerOf(nonce)
  const { consumed } = await ctx.db.batch({
    consumed: consumeToken(
      { id, purpose: 'keep', now: ctx.now, nonce },
      sql`EXISTS (SELECT 1 FROM factor_resets WHERE factor_resets.user_id = u.id)`,
    ),
    cancelled: recorded(
      ctx,
      cancelFactorReset(owner, sql`true`),
      { action: 'factors.reset_cancelled', outcome: 'success' },
      { owner, later: addClientLater(ctx, keyOfSubject(ctx)) },
    ),
  })
  if (consumed.length === 0) throw await refuseToken(ctx, { id, purpose: 'keep' })
}
