import type { View } from '../core/answer-schema.ts'
import type { SignInFailure } from '../core/audit-event.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { endSuspension } from '../identity/end-suspensions.ts'
import { type OnSuccess, type SessionDependencies, startSession } from '../sessions/start-session.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { describeSignIn, type SignIn } from './describe-sign-in.ts'
import { findSignInBlock } from './find-sign-in-block.ts'
import { offerRestore } from './offer-restore.ts'
import { refuseSignIn } from './refuse-sign-in.ts'
import type { restoreOfferView } from './sign-in-view.ts'

/** A session; or, for an account that its owner has deleted, the offer to bring it back. */
export type LoginResult =
  | ({ readonly kind: 'signed-in' } & SignIn)
  | { readonly kind: 'deleted'; readonly view: View<typeof restoreOfferView> }

interface ProvenSignIn {
  readonly account: SignInAccount
  readonly pendingKey: Promise<DataKeyLookup>
  /** How the person proved who they are. */
  readonly amr: readonly ['pwd' | 'fed']
  /** Statements for the batch that lets them in: what the right password takes back of the counts. */
  readonly onSuccess?: OnSuccess
  /** The address that was typed, as `describeSignIn` takes it. */
  readonly typed?: string
}

/**
 * Judges an account whose owner has just proven who they are, in whatever way, and lets them in: the one
 * place that says who may still not.
 * @throws AppError `account_suspended`, `password_reset_required`, `email_unverified`, `invalid_credentials`,
 * `rate_limited`
 */
export async function completeSignIn(ctx: SessionDependencies, proven: ProvenSignIn): Promise<LoginResult> {
  const { account, pendingKey, amr, onSuccess = () => [], typed } = proven
  const refuse = (reason: SignInFailure) => refuseSignIn(ctx, { account, reason, pendingKey })
  const key = await pendingKey
  const obstacle = findSignInBlock(ctx, account, key)
  if (obstacle !== undefined) throw await refuse(obstacle)
  if (account.status === 'deleted') {
    const offer = await offerRestore(ctx, account, { key, amr, onSuccess })
    if (offer === undefined) throw await refuse('erased')
    return { kind: 'deleted', view: offer }
  }
  if (account.status === 'suspended') await endSuspension(ctx, account.id)
  const tokens = await startSession(ctx, { account, key, amr, onSuccess })
  if (tokens === undefined) throw await refuse('changed_meanwhile')
  return { kind: 'signed-in', ...(await describeSignIn(ctx, { account, key, tokens, typed })) }
}
