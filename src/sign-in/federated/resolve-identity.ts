import { sql } from 'drizzle-orm'
import type { AccountWriting, Context } from '../../context.ts'
import type { NewConsent } from '../../core/consent.ts'
import { AppError } from '../../core/errors.ts'
import { ProviderError, type ProviderIdentity } from '../../core/identity-provider.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import { type EmailAddress, parseEmailAddress } from '../../identity/email/email-address.ts'
import { endSuspension } from '../../identity/end-suspensions.ts'
import { grantCode } from '../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { refuseWithoutRootKeys, selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { indexIdentity, isLinked } from '../../storage/database/social-logins.ts'
import { isSuspended } from '../../storage/database/users.ts'
import { users } from '../../storage/schema/index.ts'
import { refuseSignIn } from '../refuse-sign-in.ts'
import { linkByAddress } from './link-by-address.ts'
import { registerFederatedUser } from './register-federated-user.ts'

export type ResolveDependencies = AccountWriting & Pick<Context, 'sessions' | 'locale'>

interface Admission {
  readonly flowId: string
  readonly provider: string
  readonly identity: ProviderIdentity
  readonly consents: readonly NewConsent[]
  /** Whether an identity that is not linked may open an account, or be linked to the one with its address. */
  readonly mayJoin: boolean
}

/** Of two first sign-ins of one person at once, one makes the account and the other then finds it. */
const ROUNDS = 2

/**
 * Lets the flow's code stand for an identity: one that is linked already, whatever its address is now; or one
 * whose verified address has an account; or a new account.
 * @throws ProviderError, AppError `account_suspended`, `account_deleted`, `email_taken`,
 * `invalid_credentials` for one that may not join, `unavailable`; `misconfigured` while a root key is
 * missing, since the identity may then be linked and not found
 */
export async function resolveIdentity(ctx: ResolveDependencies, rateLimit: Admission) {
  const { flowId, provider, identity, consents, mayJoin } = rateLimit
  const { db, ring, now } = ctx
  const ref = await indexIdentity(ring, provider, identity.subject)
  const isKnown = async () => (await db.first(grantCode({ flowId, identity: ref, now }, isLinked(ref)))) !== undefined
  if (await isKnown()) return
  refuseWithoutRootKeys(await db.all(selectMissingRootKeys(ring)))
  if (!mayJoin)
    throw await refuseSignIn(ctx, { account: undefined, reason: 'not_linked', pendingKey: ctx.vault.system(now) })
  const details = await identity.details()
  const email = provenAddress(details)
  for (let round = 0; round < ROUNDS; round++) {
    const account = await findAccount(ctx, email)
    const newcomer = { flowId, identity: ref, subject: identity.subject, email }
    const isDone = account
      ? await linkByAddress(ctx, { ...newcomer, account })
      : await registerFederatedUser(ctx, { ...newcomer, details, consents })
    if (isDone || (await isKnown())) return
  }
  // No account has the address, and yet it is not free: its former owner can still go back to it.
  const event = { action: 'user.registration_refused', outcome: 'failure', detail: { reason: 'email_taken' } } as const
  await db.batch({ refused: recordEvent(ctx, event) })
  throw new AppError('email_taken')
}

/**
 * The address that the provider vouches for.
 * @throws ProviderError `email_unverified` also when there is none
 */
function provenAddress({ email, isEmailVerified }: { email: string | undefined; isEmailVerified: boolean }) {
  const address = email === undefined ? undefined : parseEmailAddress(email)
  // Whether the address has an account makes no difference here: an answer that differs would tell who has
  // one.
  if (address === undefined || !isEmailVerified) throw new ProviderError('email_unverified')
  return address
}

const addressOwner = { id: users.id, status: users.status, is_verified: users.isVerified } as const

async function findAccount(ctx: ResolveDependencies, email: EmailAddress) {
  const indexes = await blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const members = { ...addressOwner, is_suspended: computed.flag(isSuspended(ctx.now)) } as const
  const row = await ctx.db.first(
    withRows(members, sql`SELECT ${columnsOf(members)} FROM users WHERE email_index IN ${indexes}`),
  )
  if (row === undefined) return undefined
  const { id, status } = row
  const refuse = (reason: 'suspended' | 'deleted') =>
    refuseSignIn(ctx, { account: { id }, reason, pendingKey: ctx.vault.find(id) })
  if (row.is_suspended) throw await refuse('suspended')
  if (status === 'deleted') throw await refuse('deleted')
  if (status === 'suspended') await endSuspension(ctx, id)
  return { id, isVerified: row.is_verified }
}
