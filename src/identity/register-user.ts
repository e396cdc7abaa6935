import { type SQL, sql } from 'drizzle-orm'
import type { AccountWriting, Context } from '../context.ts'
import type { NewConsent } from '../core/consent.ts'
import { acceptConsents, type SentConsents } from '../core/consent-documents.ts'
import { AppError } from '../core/errors.ts'
import { newUserId, type UserId } from '../core/ids.ts'
import type { Message } from '../core/message-view.ts'
import type { ProfileChanges } from '../core/profile.ts'
import { encryptClients } from '../storage/database/event-details.ts'
import { keepOutcome } from '../storage/database/idempotency-keys.ts'
import { type EventRecord, recordEvent, recordEvents } from '../storage/database/outbox.ts'
import { encryptProfile, insertProfile } from '../storage/database/profile-row.ts'
import { hasEveryRootKey, noteRootKeysInUse, selectMissingRootKeys } from '../storage/database/root-keys.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { isFreeFor } from '../storage/database/users.ts'
import { insertInto, onConflict } from '../storage/database/writes.ts'
import { credentials, users } from '../storage/schema/index.ts'
import type { EmailAddress } from './email/email-address.ts'
import { type EmailColumns, emailValues, sealEmail } from './email/email-columns.ts'
import { assertAcceptablePassword } from './password-policy.ts'
import { type Registered, registrationMailed, showRegistered } from './registered-view.ts'
import { recordConsent } from './registration-consent.ts'
import { mailAfterRegistration } from './registration-mail.ts'

export interface Registration {
  readonly email: EmailAddress
  readonly password: string
  readonly profile: ProfileChanges
  readonly consents: SentConsents
}

type Dependencies = AccountWriting & Pick<Context, 'passwords' | 'outbound' | 'locale' | 'idempotencyKey'>

const userRow = { id: users.id } as const

/**
 * Creates the user, the credential and the profile in one batch, and orders the mail that follows.
 *
 * The data key is created first: a row without its key would look like an erased person, while a key without
 * a row is only litter. If the database reports that the address is taken, the key is destroyed at once.
 * After an error the job `delete-orphan-keys` decides, because the batch may have been committed, and then
 * the key is in use.
 * @returns in private mode the same message for a new address and a known one, after the same work
 * @throws AppError `validation_failed`, `email_taken`, `unavailable`; `misconfigured` while a root key is
 * missing
 */
export async function registerUser(ctx: Dependencies, registration: Registration): Promise<Registered | Message> {
  const { email, password, profile } = registration
  const consents = acceptConsents(ctx.settings, registration.consents)
  await assertAcceptablePassword(ctx, password, { email, fullName: profile.full_name })
  const userId = newUserId()
  const pendingKey = ctx.vault.create(userId)
  pendingKey.catch(() => undefined)
  const passwordHash = await ctx.passwords.hash(password, userId)
  const refusal = await insertUser(ctx, { userId, passwordHash, key: await pendingKey, email, profile, consents })
  if (refusal === undefined) return showCreated(ctx, userId)
  ctx.defer(ctx.vault.destroy([userId]).catch(() => undefined))
  if (refusal === 'email_taken' && ctx.settings.REGISTRATION_MODE === 'private') return registrationMailed
  throw new AppError(refusal)
}

/** The answer for a new account. In private mode it does not reveal that the account is new. */
const showCreated = ({ settings }: Pick<Context, 'settings'>, userId: UserId): Registered | Message =>
  settings.REGISTRATION_MODE === 'private' ? registrationMailed : showRegistered(userId)

interface NewUser {
  readonly userId: UserId
  readonly key: CryptoKey
  readonly passwordHash: string
  readonly email: EmailAddress
  readonly profile: ProfileChanges
  readonly consents: readonly NewConsent[]
}

/**
 * Inserts the user and everything that belongs to it. All statements after the first depend on its row.
 * @returns why the user was not inserted; undefined if it was
 */
async function insertUser(ctx: Dependencies, user: NewUser): Promise<'email_taken' | 'misconfigured' | undefined> {
  const { userId, key, passwordHash, email, profile, consents } = user
  const { ring, now, db } = ctx
  const [columns, sealed, [pii, ...piiOfConsents]] = await Promise.all([
    sealEmail(ring, key, userId, email),
    encryptProfile(key, userId, profile),
    encryptClients(ctx, { kind: 'found', key }, { owner: userId, count: 1 + consents.length }),
  ])
  const isInserted = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId})`
  const { missing, inserted } = await db.batch({
    missing: selectMissingRootKeys(ring),
    inserted: insertAccount(ctx, userId, columns),
    mails: mailAfterRegistration(ctx, { userId, isInserted, indexes: columns.indexes }),
    password: insertInto(
      credentials,
      { user_id: userId, password_hash: passwordHash, changed_at: now },
      { onlyIf: isInserted },
    ),
    profile: insertProfile({ userId, sealed, now }, isInserted),
    registered: recordEvent(
      ctx,
      { action: 'user.registered', outcome: 'success', subjectId: userId },
      { pii, onlyIf: isInserted },
    ),
    refused: recordRefusal(ctx, consents, sql`NOT ${isInserted} AND ${hasEveryRootKey(ring)}`),
    kept: keepRegistration(ctx, userId, isInserted),
    rootKeys: noteRootKeysInUse(ring, now),
    consents: consents.map((consent, i) => recordConsent(ctx, { userId, consent, pii: piiOfConsents[i], isInserted })),
  })
  if (inserted.length === 1) return undefined
  return missing.length > 0 ? 'misconfigured' : 'email_taken'
}

/**
 * Records a refusal as many events as a registration with these consents, because the archive publishes how
 * many events it has (K31 in docs/requirements.md).
 */
function recordRefusal(ctx: Dependencies, consents: readonly NewConsent[], onlyIf: SQL) {
  const reason = 'email_taken'
  return recordEvents(ctx, [
    [{ action: 'user.registration_refused', outcome: 'failure', detail: { reason } }, { onlyIf }],
    ...consents.map(
      ({ decision, source }): EventRecord => [
        { action: 'consent.refused', outcome: 'failure', detail: { decision, source, reason } },
        { onlyIf },
      ],
    ),
  ])
}

/**
 * The guard covers every key version, because during a rotation an address may still be stored under the old
 * index.
 */
function insertAccount({ ring, now }: Dependencies, userId: UserId, columns: EmailColumns) {
  const insertion = insertInto(
    users,
    { id: userId, ...emailValues(columns), created_at: now },
    { onlyIf: sql`${isFreeFor(columns.indexes, { userId: sql`${userId}`, now })} AND ${hasEveryRootKey(ring)}` },
  )
  return withRows(userRow, sql`${insertion} ${onConflict([users.emailIndex])} RETURNING ${columnsOf(userRow)}`)
}

/**
 * Stores the answer for retries. In private mode it is the same for a new address and a known one. While a
 * root key is missing it is not yet known which one applies, so nothing is stored.
 */
function keepRegistration(ctx: Dependencies, userId: UserId, isInserted: SQL): SQL {
  const isToBeKept = ctx.settings.REGISTRATION_MODE === 'private' ? hasEveryRootKey(ctx.ring) : isInserted
  return keepOutcome(ctx, sql`${JSON.stringify(showCreated(ctx, userId))}`, isToBeKept)
}
