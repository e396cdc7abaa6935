import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { recorded } from '../../storage/database/recorded.ts'
import type { SignInAccount } from '../../storage/database/sign-in-account.ts'
import { assignments } from '../../storage/database/writes.ts'
import { credentials } from '../../storage/schema/index.ts'

type Dependencies = Omit<Recording, 'client'> & Pick<Context, 'passwords'>

/**
 * Hashes the password with the current cost and pepper, and stores the hash unless the password was changed
 * meanwhile. Runs after the answer and never fails the sign-in. After a failure the next sign-in tries
 * again.
 */
export async function rehashPassword(ctx: Dependencies, account: SignInAccount, password: string): Promise<void> {
  try {
    const renewed = await ctx.passwords.hash(password, account.id)
    await ctx.db.batch({
      rehashed: recorded(
        { ...ctx, actor: { type: 'system' } },
        sql`
          UPDATE credentials SET ${assignments(credentials, { password_hash: renewed })}
          WHERE user_id = ${account.id} AND password_hash = ${account.passwordHash}`,
        { action: 'user.password_rehashed', outcome: 'success', subjectId: account.id },
      ),
    })
  } catch {
    // The next sign-in tries again.
  }
}
