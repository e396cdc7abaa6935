import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import type { TokenPurpose } from '../../core/token-text.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { oneTimeTokens } from '../schema/index.ts'
import { columnsOf, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
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
  /** Fingerprint of an address that nobody else may take while the token can be used. */
  readonly addressIndex?: string | undefined
  /** The session that asks, where the token is to die with it. */
  readonly sessionId?: SessionId
  /** How the person proved who they are, where using the token signs in. */
  readonly amr?: readonly string[]
}

/**
 * Hands a token to each user of `users u` that the condition names; a condition that names none hands out
 * nothing.
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

/** Links that lead back into an account: a newer one of any kind replaces all of them. */
export const WAYS_BACK = ['reset', 'restore', 'recover'] as const satisfies readonly TokenPurpose[]

/** Takes back what has not been used. @param userIds SQL for a list of ids */
export const voidTokens = (userIds: SQL, purposes: readonly TokenPurpose[]): SQL => sql`
  DELETE FROM one_time_tokens
  WHERE user_id IN (${userIds}) AND consumed_at IS NULL AND purpose IN ${[...purposes]}`

interface TokenUse {
  readonly id: string
  readonly purpose: TokenPurpose
  readonly now: number
  /** Random: marks the one request that consumes. */
  readonly nonce: string
}

/** SQL condition on `one_time_tokens`: this token may still be used. */
export const isUsable = ({ id, purpose, now }: Omit<TokenUse, 'nonce'>): SQL => sql`
  one_time_tokens.id = ${id} AND one_time_tokens.purpose = ${purpose} AND one_time_tokens.consumed_at IS NULL
  AND one_time_tokens.expires_at > ${now}`

/**
 * Consumes a token, once, if its user (`users u`) satisfies the condition. The other statements of the batch
 * ask for `consumerOf(nonce)`, which is nobody in every request but the winner's.
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

/** SQL: the user whose token the request with this nonce consumed; null for everybody else. */
export const consumerOf = (nonce: string): SQL => sql`(SELECT user_id FROM one_time_tokens WHERE nonce = ${nonce})`

/** SQL condition: this token exists, which says that `issueToken` found somebody. */
export const tokenExists = (id: string): SQL => sql`EXISTS (SELECT 1 FROM one_time_tokens WHERE id = ${id})`

/** SQL: whose token it is. */
export const holderOf = (id: string): SQL => sql`(SELECT user_id FROM one_time_tokens WHERE id = ${id})`

const placeOf = (owner: UserId) => ({ table: 'one_time_tokens', column: 'payload_enc', owner })

/** Encrypts the address that a change of e-mail leads to, or back to. */
export const sealTokenPayload = (key: CryptoKey, userId: UserId, email: string): Promise<string> =>
  encryptField(key, placeOf(userId), email)

/** @throws CiphertextError */
export const openTokenPayload = (key: CryptoKey, userId: UserId, stored: string): Promise<string> =>
  decryptField(key, placeOf(userId), stored)
