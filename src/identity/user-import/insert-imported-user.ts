import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { ErasureSeals } from '../../crypto/erasure-seal.ts'
import type { ForeignHash } from '../../crypto/passwords/foreign/parse-hash.ts'
import { totpStep } from '../../crypto/totp.ts'
import { type EncryptedProfile, encryptProfile, insertProfile } from '../../storage/database/profile-row.ts'
import { sealTotpSecret } from '../../storage/database/totp-secret.ts'
import { isFreeFor } from '../../storage/database/users.ts'
import { insertInto, onConflict } from '../../storage/database/writes.ts'
import { credentials, totpFactors, users } from '../../storage/schema/index.ts'
import { type EmailColumns, emailValues, sealEmail } from '../email/email-columns.ts'
import type { ImportedState } from './imported-state.ts'
import { insertImportedState, stateValues } from './insert-imported-state.ts'
import type { ImportedUser } from './parse-imported-user.ts'

/** An imported user, encrypted and ready to be stored. */
export interface SealedUser {
  readonly userId: UserId
  readonly line: number
  readonly isVerified: boolean
  readonly createdAtMs: number | undefined
  readonly email: EmailColumns
  readonly profile: Partial<EncryptedProfile>
  readonly password: ForeignHash | undefined
  readonly totpSecretEnc: string | undefined
  readonly state: ImportedState
}

interface Line {
  readonly userId: UserId
  readonly line: number
  readonly user: ImportedUser
}

/**
 * Creates the data key, unless an earlier attempt at the same line did, and encrypts the user. As in
 * `registerUser` the key is created first. A key without a user is used by the next attempt, or deleted by
 * the job `delete-orphan-keys`.
 * @throws AppError `unavailable`
 */
export async function sealImportedUser(
  ctx: Pick<Context, 'ring' | 'vault'>,
  { userId, line, user }: Line,
): Promise<SealedUser> {
  const key = await keyOf(ctx, userId)
  const [email, profile, totpSecretEnc] = await Promise.all([
    sealEmail(ctx.ring, key, userId, user.email),
    encryptProfile(key, userId, user.profile),
    user.totpSecret === undefined ? undefined : sealTotpSecret(key, userId, user.totpSecret),
  ])
  const { isVerified, createdAtMs, password, state } = user
  return { userId, line, isVerified, createdAtMs, email, profile, password, totpSecretEnc, state }
}

async function keyOf({ vault }: Pick<Context, 'vault'>, userId: UserId): Promise<CryptoKey> {
  try {
    return await vault.create(userId)
  } catch (error) {
    const existing = await vault.find(userId)
    if (existing.kind === 'found') return existing.key
    throw error instanceof AppError ? error : new AppError('unavailable')
  }
}

/**
 * Hashes the imported hashes once more into the stored form, in the order of the users. Runs one after the
 * other, and each takes its own place at the end of the hash queue, so that a sign-in does not wait for all
 * of them.
 * @throws AppError `unavailable`
 */
export async function adoptPasswords(
  { passwords }: Pick<Context, 'passwords'>,
  users: readonly SealedUser[],
): Promise<(string | null)[]> {
  const hashes: (string | null)[] = []
  for (const { password, userId } of users) {
    hashes.push(password === undefined ? null : await passwords.adopt(password, userId))
  }
  return hashes
}

export interface Insertion {
  readonly passwordHash: string | null
  readonly now: number
  /** Unix milliseconds: when an imported deletion without a time of its own is purged. */
  readonly purgeAfterMs: number
  /** SQL condition: the line has not been processed yet. */
  readonly isOpen: SQL
  readonly seals: ErasureSeals
}

/** Statements that store a user, unless the address is taken. No mail is sent. */
export function insertImportedUser(user: SealedUser, insertion: Insertion): SQL[] {
  const { passwordHash, now, isOpen } = insertion
  const { userId, email } = user
  const createdAt = user.createdAtMs ?? now
  const isInserted = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId}) AND ${isOpen}`
  const account = insertInto(
    users,
    {
      id: userId,
      ...emailValues(email),
      is_verified: user.isVerified,
      created_at: createdAt,
      ...stateValues(user.state, insertion),
    },
    { onlyIf: sql`${isOpen} AND ${isFreeFor(email.indexes, { userId: sql`${userId}`, now })}` },
  )
  return [
    sql`${account} ${onConflict([users.emailIndex])}`,
    insertInto(
      credentials,
      { user_id: userId, password_hash: passwordHash, changed_at: createdAt },
      { onlyIf: isInserted },
    ),
    insertProfile({ userId, sealed: user.profile, now }, isInserted),
    ...insertTotp(user, now, isInserted),
    ...insertImportedState(user, insertion, isInserted),
  ]
}

/** A code that was used in the other system a moment ago is not accepted here. */
function insertTotp({ userId, totpSecretEnc }: SealedUser, now: number, isInserted: SQL): SQL[] {
  if (totpSecretEnc === undefined) return []
  const factor = { user_id: userId, secret_enc: totpSecretEnc, last_step: totpStep(now), created_at: now }
  return [insertInto(totpFactors, { ...factor, nonce: crypto.randomUUID() }, { onlyIf: isInserted })]
}
