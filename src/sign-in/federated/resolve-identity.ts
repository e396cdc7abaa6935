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

interface Resolution {
  readonly flowId: string
  readonly provider: string
  readonly identity: ProviderIdentity
  readonly consents: readonly NewConsent[]
  /**
   * Whether an identity that is not linked yet may open an account or be linked to the account with its
   * address.
   */
  readonly mayLinkOrRegister: boolean
}

/**
 * If a person signs in for the first time twice at once, one request creates the account and the other finds
 * it in the second round.
 */
const MAX_ROUNDS = 2

/**
 * Binds the flow's code to an identity. The identity may be linked already, whatever its address is now; or
 * an account has its verified address, and the identity is linked to it; or a new account is opened.
 * @throws ProviderError, AppError `account_suspended`, `account_deleted`, `email_taken`,
 * `invalid_credentials` if it is not linked and may not be, `unavailable`; `misconfigured` while a root key
 * is missing, since a link under that key would not be found
 */
export async function resolveIdentity(ctx: ResolveDependencies, resolution: Resolution) {
  const { flowId, provider, identity, consents, mayLinkOrRegister } = resolution
  const { db, ring, now } = ctx
  const ref = await indexIdentity(ring, provider, identity.subject)
  const grantIfLinked = async () =>
    (await db.first(grantCode({ flowId, identity: ref, now }, isLinked(ref)))) !== undefined
  if (await grantIfLinked()) return
  refuseWithoutRootKeys(await db.all(selectMissingRootKeys(ring)))
  if (!mayLinkOrRegister)
    throw await refuseSignIn(ctx, { account: undefined, reason: 'not_linked', pendingKey: ctx.vault.system(now) })
  const details = await identity.details()
  const email = provenAddress(details)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const account = await findAccount(ctx, email)
    const candidate = { flowId, identity: ref, subject: identity.subject, email }
    const isDone = account
      ? await linkByAddress(ctx, { ...candidate, account })
      : await registerFederatedUser(ctx, { ...candidate, details, consents })
    if (isDone || (await grantIfLinked())) return
  }
  // No account has the address, but it is reserved: its former owner can still undo the change of address.
  const event = { action: 'user.registration_refused', outcome: 'failure', detail: { reason: 'email_taken' } } as const
  await db.batch({ refused: recordEvent(ctx, event) })
  throw new AppError('email_taken')
}

/**
 * The address that the provider verified.
 * @throws ProviderError `email_unverified`, also if there is no address
 */
function provenAddress({ email, isEmailVerified }: { email: string | undefined; isEmailVerified: boolean }) {
  const address = email === undefined ? undefined : parseEmailAddress(email)
  // The answer must be the same whether or not the address has an account. Otherwise it would reveal
  // accounts.
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
