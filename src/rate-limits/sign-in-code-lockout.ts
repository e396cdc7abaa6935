import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { lockoutCountersFor } from './counters-for.ts'
import type { CodeLockout } from './second-factor-lockout.ts'

/** Who typed the code: anybody who knows the address, or a signed-in user. */
type CodeTypist = { readonly email: EmailAddress } | { readonly user: UserId }

interface TypedCode {
  /** Id of the ticket to which the code belongs. */
  readonly request: string
  readonly by: CodeTypist
}

/**
 * The counters of codes that were typed for one request by mail, and for its address or the signed-in user.
 */
export async function signInCodeLockoutFor(
  ctx: Pick<Context, 'ring' | 'settings'>,
  { request, by }: TypedCode,
): Promise<CodeLockout> {
  const [[recent], [daily]] = await Promise.all([
    lockoutCountersFor(ctx, 'sign-in-code', { request }),
    lockoutCountersFor(ctx, 'sign-in-code-a-day', by),
  ])
  if (recent === undefined || daily === undefined) throw new TypeError('a lockout policy has no quota for its subject')
  return { name: 'sign-in-code', recent, daily }
}
