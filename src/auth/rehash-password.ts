import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { previousChangedARow, recordEvent } from '../storage/outbox.ts'
import type { SignInAccount } from './sign-in-account.ts'

type Dependencies = Pick<Context, 'db' | 'passwords' | 'actor' | 'requestId' | 'now' | 'outbox'>

/**
 * Stores the password under today's cost and pepper, unless it was changed meanwhile. Runs behind the answer and
 * never fails the sign-in that showed the need: what fails is tried again at the next one.
 */
export async function rehashPassword(ctx: Dependencies, account: SignInAccount, password: string): Promise<void> {
  try {
    const renewed = await ctx.passwords.hash(password, account.id)
    await ctx.db.batch([
      sql`
        UPDATE credentials SET password_hash = ${renewed}
        WHERE user_id = ${account.id} AND password_hash = ${account.passwordHash}`,
      recordEvent(
        { ...ctx, actor: { type: 'system' } },
        { action: 'user.password_rehashed', outcome: 'success', subjectId: account.id },
        { onlyIf: previousChangedARow },
      ),
    ])
  } catch {
    // Deliberately silent; see above.
  }
}
