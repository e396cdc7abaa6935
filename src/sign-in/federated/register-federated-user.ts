import { type SQL, sql } from 'drizzle-orm'
import type { AccountWriting } from '../../context.ts'
import type { NewConsent } from '../../core/consent.ts'
import type { ProviderDetails } from '../../core/identity-provider.ts'
import { newUserId, type UserId } from '../../core/ids.ts'
import { type ProfileChanges, profileFieldSchemas } from '../../core/profile.ts'
import type { Settings } from '../../core/settings.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import { emailValues, sealEmail } from '../../identity/email/email-columns.ts'
import { recordConsent } from '../../identity/registration-consent.ts'
import type { Step } from '../../storage/database/batch.ts'
import { type EventCiphertext, encryptClients } from '../../storage/database/event-details.ts'
import { grantCode } from '../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { encryptProfile, insertProfile } from '../../storage/database/profile-row.ts'
import { hasEveryRootKey, noteRootKeysInUse } from '../../storage/database/root-keys.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { type IdentityRef, insertLogin, isLinked, sealSubject } from '../../storage/database/social-logins.ts'
import { isFreeFor } from '../../storage/database/users.ts'
import { insertInto, onConflict } from '../../storage/database/writes.ts'
import { users } from '../../storage/schema/index.ts'

const userRow = { id: users.id } as const

interface FederatedRegistration {
  readonly flowId: string
  readonly identity: IdentityRef
  readonly subject: string
  /** The address that the provider verified. */
  readonly email: EmailAddress
  readonly details: ProviderDetails
  readonly consents: readonly NewConsent[]
}

/**
 * Creates the user, the profile and the link in one batch, without a password. The data key is created first,
 * for the reason given at `registerUser`.
 * @returns false if the address or the identity was taken meanwhile
 * @throws AppError `unavailable`
 */
export async function registerFederatedUser(
  ctx: AccountWriting,
  registration: FederatedRegistration,
): Promise<boolean> {
  const userId = newUserId()
  const key = await ctx.vault.create(userId)
  const isInserted = await insertUser(ctx, { ...registration, userId, key })
  if (!isInserted) ctx.defer(ctx.vault.destroy([userId]).catch(() => undefined))
  return isInserted
}

interface NewUser extends FederatedRegistration {
  readonly userId: UserId
  readonly key: CryptoKey
}

async function insertUser(ctx: AccountWriting, user: NewUser): Promise<boolean> {
  const { userId, key, identity, now, db } = { ...user, ...ctx }
  const id = crypto.randomUUID()
  const [email, subjectEnc, sealed, [piiOfUser, piiOfLink, ...piiOfConsents]] = await Promise.all([
    sealEmail(ctx.ring, key, userId, user.email),
    sealSubject(key, { table: 'social_logins', id, userId }, user.subject),
    encryptProfile(key, userId, profileFromProvider(ctx.settings, user.details)),
    encryptClients(ctx, { kind: 'found', key }, { owner: userId, count: 2 + user.consents.length }),
  ])
  const isInserted = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId})`
  const insertion = insertInto(
    users,
    {
      id: userId,
      ...emailValues(email),
      is_verified: true,
      created_at: now,
    },
    {
      onlyIf: sql`${isFreeFor(email.indexes, { userId: sql`${userId}`, now })} AND NOT ${isLinked(identity)}
        AND ${hasEveryRootKey(ctx.ring)}`,
    },
  )
  const { registered } = await db.batch({
    registered: withRows(userRow, sql`${insertion} ${onConflict([users.emailIndex])} RETURNING ${columnsOf(userRow)}`),
    linked: insertLogin({ id, identity, subjectEnc, now }, sql`u.id = ${userId}`),
    profile: insertProfile({ userId, sealed, now }, isInserted),
    recorded: recordRegistration(ctx, {
      userId,
      loginId: id,
      provider: identity.provider,
      pii: [piiOfUser, piiOfLink],
      isInserted,
    }),
    consents: user.consents.map((consent, i) =>
      recordConsent(ctx, { userId, consent, pii: piiOfConsents[i], isInserted }),
    ),
    granted: grantCode({ flowId: user.flowId, identity, now }, isInserted),
    rootKeys: noteRootKeysInUse(ctx.ring, now),
  })
  return registered.length === 1
}

interface RegisteredLogin {
  readonly userId: UserId
  readonly loginId: string
  readonly provider: string
  /** From `encryptClients`: one for each of the two events. */
  readonly pii: readonly [EventCiphertext | undefined, EventCiphertext | undefined]
  readonly isInserted: SQL
}

function recordRegistration(
  ctx: AccountWriting,
  { userId, loginId, provider, pii: [piiOfUser, piiOfLink], isInserted }: RegisteredLogin,
): Step[] {
  const detail = { identity_id: loginId, provider, by: 'sign_up' } as const
  return [
    recordEvent(
      ctx,
      { action: 'user.registered', outcome: 'success', subjectId: userId },
      { pii: piiOfUser, onlyIf: isInserted },
    ),
    recordEvent(
      ctx,
      { action: 'identity.linked', outcome: 'success', subjectId: userId, detail },
      { pii: piiOfLink, onlyIf: isInserted },
    ),
  ]
}

/**
 * Takes only the profile fields that the settings list, and only values that a person could also have
 * entered. A name that is too long is left out, and the sign-up goes on.
 */
function profileFromProvider({ OAUTH_PROFILE_FIELDS: fields }: Settings, details: ProviderDetails): ProfileChanges {
  const fullName = profileFieldSchemas.full_name.safeParse(details.fullName)
  const avatarUrl = profileFieldSchemas.avatar_url.safeParse(details.avatarUrl)
  return {
    ...(fields.includes('full_name') && fullName.success && { full_name: fullName.data }),
    ...(fields.includes('avatar_url') && avatarUrl.success && { avatar_url: avatarUrl.data }),
  }
}
