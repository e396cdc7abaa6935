import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import type { View } from '../../core/answer-schema.ts'
import { provenBy } from '../../core/assurance.ts'
import type { AppError } from '../../core/errors.ts'
import { issueTicket, type NewAccount } from '../../crypto/ticket.ts'
import {
  assertWithinLimit,
  countAndRecord,
  prepareRateLimit,
  type RateLimit,
  unlessRefused,
} from '../../rate-limits/rate-limit.ts'
import type { SessionDependencies } from '../../sessions/start-session.ts'
import type { Step } from '../../storage/database/batch.ts'
import { countDown } from '../../storage/database/counters.ts'
import { recordEvents } from '../../storage/database/outbox.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { selectSignInAccount, toSignInAccount } from '../../storage/database/sign-in-account.ts'
import { assignments } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'
import { completeSignIn, type LoginResult } from '../complete-sign-in.ts'
import { addressProven, credentialsVoided, voidOnFirstProof } from '../first-proof.ts'
import { refuseSignIn } from '../refuse-sign-in.ts'
import { requireMailSignIn } from '../require-mail-sign-in.ts'
import type { signUpAskedView } from '../sign-in-view.ts'
import { type GivenProof, lockedOut, type MailProof, readMailProof, takeMailProof } from './mail-proof.ts'

type Dependencies = SessionDependencies & Limiting

/**
 * Signs in with the proof of a mailbox. The request is used up first, in the batch that counts, so of several
 * confirmations with the code or the link one goes on. Only typed codes are counted, five for a request and
 * 20 a day for an address: the link works when they are used up. Every refusal does the same work, whether or
 * not the address has an account. If the address was never proven before, another person may have registered
 * it, and everything that came before is void. A sign-up whose address has no account gets the right to
 * create one with a passkey.
 * @throws AppError `not_found` while `EMAIL_SIGN_IN` is off, `invalid_token`, `rate_limited`,
 * `misconfigured`, and what `completeSignIn` throws
 */
export async function confirmSignInCode(ctx: Dependencies, given: GivenProof): Promise<LoginResult | SignUpAsked> {
  requireMailSignIn(ctx)
  const { now } = ctx
  const [rateLimit, proof] = await Promise.all([prepareRateLimit(ctx, 'one-time-token', {}), readMailProof(ctx, given)])
  const { taken, accounts, reserved } = await takeRequest(ctx, rateLimit, proof)
  const [row] = accounts
  const account = row && toSignInAccount(row)
  const pendingKey = account === undefined ? ctx.vault.system(now) : ctx.vault.find(account.id)
  const locked = lockedOut(proof, { now, counted: reserved })
  const { signUp, email } = proof.ticket
  if (taken.length > 0 && account === undefined && signUp !== undefined) return askForPasskey(ctx, email, signUp)
  if (taken.length === 0 || account === undefined) {
    const reason = reasonOf(locked, proof)
    const refused = await refuseSignIn(ctx, { account, reason, pendingKey, refusedAs: 'invalid_token' })
    throw locked ?? refused
  }
  return completeSignIn(ctx, {
    account,
    pendingKey,
    amr: provenBy('email'),
    onSuccess: (isLetIn) => [countDown(rateLimit.counters, now, isLetIn)],
    typed: proof.ticket.email,
    refusedAs: 'invalid_token',
  })
}

function reasonOf(locked: AppError | undefined, { isRight }: MailProof) {
  if (locked !== undefined) return 'locked'
  return isRight ? 'used_code' : 'wrong_code'
}

/** Counts the attempt, uses the request up, and reads the account. */
async function takeRequest(ctx: Dependencies, rateLimit: RateLimit, proof: MailProof) {
  const { now } = ctx
  const { indexes } = proof
  const { reserved, isTaken, taken, forgotten } = takeMailProof(proof, now, rateLimit.isWithinLimit)
  const unproven = sql`
    (SELECT id FROM users WHERE email_index IN ${indexes} AND status <> 'deleted' AND NOT is_verified AND ${isTaken})`
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    reserved,
    proven: proveAddress(ctx, unproven),
    taken,
    forgotten,
    accounts: selectSignInAccount(sql`u.email_index IN ${indexes} AND u.status <> 'deleted'`, now),
    missing: selectMissingRootKeys(ctx.ring),
  })
  const answers = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, answers.counted)
  refuseWithoutRootKeys(answers.missing)
  return answers
}

/** The address has no account, and its owner wants one. */
export interface SignUpAsked {
  readonly kind: 'sign-up'
  readonly view: View<typeof signUpAskedView>
}

/** Nothing is stored: the account comes with its first passkey. */
async function askForPasskey(ctx: Dependencies, email: string, account: NewAccount): Promise<SignUpAsked> {
  const { ticket: token, expiresIn } = await issueTicket(ctx, 'sign-up', { ...account, email })
  return { kind: 'sign-up', view: { passkey_required: true, sign_up_token: token, expires_in: expiresIn } }
}

/**
 * The steps that verify an address which nobody had proven before, and void what came before.
 * @param owner SQL for the user, or null for nobody
 */
function proveAddress(ctx: Dependencies, owner: SQL): readonly Step[] {
  const isProven = sql`${owner} IS NOT NULL`
  return [
    recordEvents(ctx, [
      [
        { action: 'user.email_verified', outcome: 'success' },
        { owner, onlyIf: isProven },
      ],
      [credentialsVoided, { owner, onlyIf: isProven }],
    ]),
    ...Object.values(voidOnFirstProof(ctx, owner)),
    // The last one: afterwards there is no such owner.
    sql`UPDATE users SET ${assignments(users, addressProven)} WHERE id = ${owner}`,
  ]
}
