import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { type BlindIndexes, blindIndexes } from '../../crypto/blind-index.ts'
import { decryptField, encryptField, type FieldPlace } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { socialLogins } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { expiring } from './unbound-ciphertexts.ts'
import { u } from './users.ts'
import { insertInto, onConflict } from './writes.ts'

/** An identity at a provider. It can be looked up, but the subject cannot be read from it. */
export interface IdentityRef {
  /** Name of the provider in the settings. */
  readonly provider: string
  readonly indexes: BlindIndexes
}

/** @param subject as the provider sends it: opaque, compared exactly */
export const indexIdentity = async (ring: KeyRing, provider: string, subject: string): Promise<IdentityRef> => ({
  provider,
  indexes: await blindIndexes(ring, 'identityIndex', `${provider}|${subject}`),
})

/** SQL condition: the identity is linked to an account. Index `social_logins_identity`. */
export const isLinked = ({ provider, indexes }: IdentityRef): SQL => sql`
  EXISTS (SELECT 1 FROM social_logins WHERE provider = ${provider} AND provider_id_index IN ${indexes})`

/** The id of a link. */
export const loginId = { id: socialLogins.id } as const

interface NewLogin {
  /** UUID v4. */
  readonly id: string
  readonly identity: IdentityRef
  /** From `sealSubject`. */
  readonly subjectEnc: string
  readonly now: number
}

/**
 * Links an identity to each user of `users u` that matches the condition, unless it is linked to an account
 * already.
 */
export function insertLogin(
  { id, identity, subjectEnc, now }: NewLogin,
  condition: SQL,
): Statement<Row<typeof loginId>> {
  const insertion = insertInto(
    socialLogins,
    {
      id,
      user_id: u.id,
      provider: identity.provider,
      provider_id_index: identity.indexes[0],
      provider_id_enc: subjectEnc,
      linked_at: now,
    },
    { from: sql`users u`, onlyIf: sql`${condition} AND NOT ${isLinked(identity)}` },
  )
  return withRows(
    loginId,
    sql`${insertion} ${onConflict([socialLogins.provider, socialLogins.providerIdIndex])} RETURNING ${columnsOf(loginId)}`,
  )
}

/** SQL condition: this link exists, so `insertLogin` has found a user. */
export const loginExists = (id: string): SQL => sql`EXISTS (SELECT 1 FROM social_logins WHERE id = ${id})`

/** The row of `social_logins` or `oauth_flows`, and the owner of its key. */
export interface SubjectRow {
  readonly table: 'social_logins' | 'oauth_flows'
  readonly id: string
  readonly userId: UserId
}

/** Encrypts `provider_id_enc`. */
export const sealSubject = (key: CryptoKey, row: SubjectRow, subject: string): Promise<string> =>
  encryptField(key, placeOf(row), subject)

/** @throws CiphertextError */
export const openSubject = (key: CryptoKey, row: SubjectRow, stored: string): Promise<string> =>
  decryptField(key, row.table === 'oauth_flows' ? expiring(placeOf(row)) : placeOf(row), stored)

/** Version 0.2.0 used the place of the future link in both tables. */
const placeOf = ({ table, id, userId }: SubjectRow): FieldPlace => ({
  table,
  column: 'provider_id_enc',
  owner: userId,
  row: id,
  unbound: { table: 'social_logins', column: 'provider_id_enc' },
})
