import type { View } from '../core/answer-schema.ts'
import { acrOf, isBelow, needsTwoFactors, type ProvenMethods, TWO_FACTORS } from '../core/assurance.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import type { SessionId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { endSuspension } from '../identity/end-suspensions.ts'
import {
  type ContinuedSession,
  type OnSuccess,
  type SessionDependencies,
  type Spending,
  startSession,
} from '../sessions/start-session.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import type { Asked } from './ask-second-factor.ts'
import { describeSignIn, type SignIn } from './describe-sign-in.ts'
import { findSignInBlock } from './find-sign-in-block.ts'
import { offerRestore } from './offer-restore.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import type { restoreOfferView } from './sign-in-view.ts'

/**
 * The tokens of a new session, or what the client has to do first. For an account that its owner has deleted:
 * the offer to restore it.
 */
export type LoginResult =
  | ({ readonly kind: 'signed-in' } & SignIn)
  | Asked
  | { readonly kind: 'deleted'; readonly view: View<typeof restoreOfferView> }

interface ProvenSignIn {
  readonly account: SignInAccount
  readonly pendingKey: Promise<DataKeyLookup>
  /** What the person has proven. The session records it. */
  readonly amr: ProvenMethods
  /**
   * Time of the proof in Unix milliseconds; now by default. Zero for a proof that never counts as a recent
   * sign-in.
   */
  readonly authTimeMs?: number
  /** Statements for the batch that opens the session. They take the attempt out of the counts again. */
  readonly onSuccess?: OnSuccess
  /** Uses up the proof in the batch that opens the session, where it may be used once. */
  readonly spend?: Spending
  /** The passkey that was proven. */
  readonly passkeyId?: string | undefined
  /** The session to open, which the code of the sign-in has noted. */
  readonly opens?: SessionId
  /** The session beside which an application gets its own. */
  readonly continues?: ContinuedSession
  /** The e-mail address that was typed. See `describeSignIn`. */
  readonly typed?: string
  /** The code of a refusal whose reason only the audit trail records; `invalid_credentials` by default. */
  readonly refusedAs?: 'invalid_token' | 'invalid_second_factor'
}

/**
 * The gate. Checks an account after its owner has authenticated by any method, and opens the session. Asks
 * for the second factor instead if the account needs two and one was proven. Every way to sign in ends here,
 * and nothing else opens a session. `login` refuses an unproven account in private mode before it.
 *
 * The checks read an account that may have changed since. The INSERT of the session repeats what must hold
 * then, so a change between the two waits of a sign-in wins.
 * @throws AppError `account_suspended`, `password_reset_required`, `email_unverified`,
 * `second_factor_required`, `rate_limited`, and `refusedAs`
 */
export async function completeSignIn(ctx: SessionDependencies, proven: ProvenSignIn): Promise<LoginResult> {
  const { account, pendingKey, amr, authTimeMs, passkeyId, onSuccess = () => [], typed, refusedAs } = proven
  const refuse = (reason: SignInFailure) => refuseSignIn(ctx, { account, reason, pendingKey, refusedAs })
  const key = await pendingKey
  const block = findSignInBlock(ctx, account, { key, amr })
  if (block !== undefined) throw await refuse(block)
  if (account.status === 'deleted') {
    const offer = await offerRestore(ctx, account, { key, amr, onSuccess, spend: proven.spend })
    if (offer === undefined) throw await refuse('erased')
    return { kind: 'deleted', view: offer }
  }
  if (account.status === 'suspended') await endSuspension(ctx, account.id)
  if (needsTwoFactors(account, ctx.now) && isBelow(acrOf(amr), TWO_FACTORS)) {
    const { askSecondFactor } = await import('./ask-second-factor.ts')
    const asked = await askSecondFactor(ctx, account, { key, amr, authTimeMs: authTimeMs ?? ctx.now, typed, onSuccess })
    if (typeof asked === 'string') throw await refuse(asked)
    return asked
  }
  const { spend, opens, continues } = proven
  const start = { account, key, amr, authTimeMs, spend, passkeyId, opens, continues, onSuccess }
  const tokens = await startSession(ctx, start)
  if (tokens === undefined) throw await refuse('changed_meanwhile')
  return { kind: 'signed-in', ...(await describeSignIn(ctx, { account, key, tokens, typed })) }
}
