import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import type { UserId } from '../../core/ids.ts'
import type { ForeignHash } from '../../crypto/passwords/foreign/parse-hash.ts'
import { type EncryptedProfile, encryptProfile, insertProfile } from '../../storage/database/profile-row.ts'
import { isFreeFor } from '../../storage/database/users.ts'
import { insertInto, onConflict } from '../../storage/database/writes.ts'
import { credentials, users } from '../../storage/schema/index.ts'
import { type EmailColumns, emailValues, sealEmail } from '../email/email-columns.ts'
import type { ImportedState } from './imported-state.ts'
import { insertImportedState, stateValues } from './insert-imported-state.ts'
import type { ImportedUser } from './parse-imported-user.ts'

/** An imported person, ready to be stored. */
export interface SealedUser {
  readonly userId: UserId
  readonly line: number
  readonly isVerified: boolean
  readonly createdAtMs: number | undefined
  readonly email: EmailColumns
  readonly profile: Partial<EncryptedProfile>
  readonly password: ForeignHash | undefined
  readonly state: ImportedState
}

interface Line {
  readonly userId: UserId
  readonly line: number
  readonly user: ImportedUser
}

/**
 * Makes the data key, unless an earlier attempt at the same line did, and encrypts. As in `registerUser` the
 * key comes first; one without a user is litter, which the next attempt or the sweep takes.
 * @throws AppError `unavailable`
 */
export async function sealImportedUser(
  ctx: Pick<Context, 'ring' | 'vault'>,
  { userId, line, user }: Line,
): Promise<SealedUser> {
  const key = await keyOf(ctx, userId)
  const [email, profile] = await Promise.all([
    sealEmail(ctx.ring, key, userId, user.email),
    encryptProfile(key, userId, user.profile),
  ])
  const { isVerified, createdAtMs, password, state } = user
  return { userId, line, isVerified, createdAtMs, email, profile, password, state }
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
 * The stored hashes of these people's passwords, in their order. One after the other, each in a place of its
 * own at the end of the line: people who sign in meanwhile must not wait for all of them.
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
  /** Unix milliseconds: when a deletion that says nothing else is purged. */
  readonly purgeAfterMs: number
  /** SQL condition: the line has not been dealt with. */
  readonly isOpen: SQL
}

/** Statements that store a person, unless the address belongs to somebody. Nobody is mailed. */
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
    ...insertImportedState(user, insertion, isInserted),
  ]
}
