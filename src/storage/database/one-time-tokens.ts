import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import type { TokenPurpose } from '../../core/token-text.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { oneTimeTokens } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { expiring } from './unbound-ciphertexts.ts'
import { u } from './users.ts'
import { assignments, insertInto } from './writes.ts'

interface TokenGrant {
  /** UUID v4. */
  readonly id: string
  readonly purpose: TokenPurpose
  readonly now: number
  readonly expiresAtMs: number
  /** From `sealTokenPayload`. */
  readonly payload?: string
  /** Fingerprint of an address that no other account may take while the token is usable. */
  readonly addressIndex?: string | undefined
  /** The session that requests the token. If set, the token becomes invalid when the session ends. */
  readonly sessionId?: SessionId
  /** How the person authenticated, for a token whose use signs in. */
  readonly amr?: readonly string[]
}

/**
 * Issues a token to each user of `users u` that matches the condition. If none matches, no token is issued.
 */
export const issueToken = (grant: TokenGrant, condition: SQL): SQL =>
  insertInto(
    oneTimeTokens,
    {
      id: grant.id,
      user_id: u.id,
      purpose: grant.purpose,
      created_at: grant.now,
      expires_at: grant.expiresAtMs,
      payload_enc: grant.payload,
      address_index: grant.addressIndex,
      session_id: grant.sessionId,
      amr: grant.amr && JSON.stringify(grant.amr),
    },
    { from: sql`users u`, onlyIf: condition },
  )

/**
 * Purposes of links that give access to an account again. A newer link of one of these purposes replaces all
 * of them.
 */
export const WAYS_BACK = ['reset', 'restore', 'recover'] as const satisfies readonly TokenPurpose[]

/** Deletes unused tokens. @param userIds SQL for a list of ids */
export const voidTokens = (userIds: SQL, purposes: readonly TokenPurpose[]): SQL => sql`
  DELETE FROM one_time_tokens
  WHERE user_id IN (${userIds}) AND consumed_at IS NULL AND purpose IN ${[...purposes]}`

interface TokenUse {
  readonly id: string
  readonly purpose: TokenPurpose
  readonly now: number
  /** Random. Marks the one request that consumes the token. */
  readonly nonce: string
}

/** SQL condition on `one_time_tokens`: this token is usable. */
export const isUsable = ({ id, purpose, now }: Omit<TokenUse, 'nonce'>): SQL => sql`
  one_time_tokens.id = ${id} AND one_time_tokens.purpose = ${purpose} AND one_time_tokens.consumed_at IS NULL
  AND one_time_tokens.expires_at > ${now}`

/**
 * Consumes a token, once, if its user (`users u`) matches the condition. Other statements of the batch use
 * `consumerOf(nonce)`, which is null in every request except the one that consumed the token.
 */
export const consumeToken = (use: TokenUse, condition: SQL): Statement<Row<typeof consumed>> =>
  withRows(
    consumed,
    sql`
      UPDATE one_time_tokens SET ${assignments(oneTimeTokens, { consumed_at: use.now, nonce: use.nonce })}
      WHERE ${isUsable(use)} AND EXISTS (SELECT 1 FROM users u WHERE u.id = one_time_tokens.user_id AND ${condition})
      RETURNING ${columnsOf(consumed)}`,
  )

const consumed = { user_id: oneTimeTokens.userId } as const

/** SQL: the user whose token the request with this nonce consumed. Null in every other request. */
export const consumerOf = (nonce: string): SQL => sql`(SELECT user_id FROM one_time_tokens WHERE nonce = ${nonce})`

/** SQL condition: this token exists, so `issueToken` has found a user. */
export const tokenExists = (id: string): SQL => sql`EXISTS (SELECT 1 FROM one_time_tokens WHERE id = ${id})`

/** SQL: the user of the token. */
export const holderOf = (id: string): SQL => sql`(SELECT user_id FROM one_time_tokens WHERE id = ${id})`

/** The row of `one_time_tokens`, and the owner of its key. */
export interface TokenRow {
  readonly tokenId: string
  readonly userId: UserId
}

/** Encrypts the address that a change of e-mail sets, or the one that it can restore. */
export const sealTokenPayload = (key: CryptoKey, row: TokenRow, email: string): Promise<string> =>
  encryptField(key, placeOf(row), email)

/** @throws CiphertextError */
export const openTokenPayload = (key: CryptoKey, row: TokenRow, stored: string): Promise<string> =>
  decryptField(key, expiring(placeOf(row)), stored)

const placeOf = ({ userId, tokenId }: TokenRow) => ({
  table: 'one_time_tokens',
  column: 'payload_enc',
  owner: userId,
  row: tokenId,
})
