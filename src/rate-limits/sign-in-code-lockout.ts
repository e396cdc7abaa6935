import type { Context } from '../context.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { lockoutCountersFor } from './counters-for.ts'
import type { CodeLockout } from './second-factor-lockout.ts'

interface TypedCode {
  /** Id of the ticket to which the code belongs. */
  readonly request: string
  readonly email: EmailAddress
}

/** The counters of codes that were typed for one request by mail, and for its address. */
export async function signInCodeLockoutFor(
  ctx: Pick<Context, 'ring' | 'settings'>,
  { request, email }: TypedCode,
): Promise<CodeLockout> {
  const [[recent], [daily]] = await Promise.all([
    lockoutCountersFor(ctx, 'sign-in-code', { request }),
    lockoutCountersFor(ctx, 'sign-in-code-a-day', { email }),
  ])
  if (recent === undefined || daily === undefined) throw new TypeError('a lockout policy has no quota for its subject')
  return { name: 'sign-in-code', recent, daily }
}
