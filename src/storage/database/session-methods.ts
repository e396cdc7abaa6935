import { type SQL, sql } from 'drizzle-orm'
import { firstFactors, type ProvenMethods, type SecondProof, TWO_METHODS } from '../../core/assurance.ts'
import { sessions } from '../schema/index.ts'
import { isKept } from './passkeys.ts'

/** SQL: the methods of the session and these, each once. */
export const withMethods = (proven: ProvenMethods): SQL => sql`
  (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(${sessions.amr}) UNION SELECT value FROM json_each(${JSON.stringify(proven)})))`

/** SQL condition on `sessions`: the session has proven a first factor. */
export const hasFirstFactor: SQL = sql`
  EXISTS (SELECT 1 FROM json_each(${sessions.amr}) WHERE value IN ${firstFactors})`

/** SQL: the methods of the session after a second factor was verified. The rule of `addProof`. */
export const withSecondFactor = (method: SecondProof): SQL => sql`
  (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(${sessions.amr}) UNION SELECT ${method}
    UNION SELECT ${TWO_METHODS} WHERE ${hasFirstFactor}))`

/**
 * SQL: the value of `sessions.passkey_id` once the session has proven this passkey or has added it. A passkey
 * that has opened the session stays the one that ends it.
 */
export const namingPasskey = (passkeyId: string): SQL => sql`coalesce(${sessions.passkeyId}, ${passkeyId})`

/** SQL condition on `sessions`: the session has proven a second factor of this kind. */
export const hasProven = (method: SecondProof): SQL => sql`
  EXISTS (SELECT 1 FROM json_each(amr) WHERE value = ${method})`

/**
 * SQL condition on `sessions`: the session rests on this passkey, and ends with it. The session of a restored
 * account has proven a passkey and names none, so it rests on each.
 */
export const restsOn = (passkeyId: string): SQL => sql`
  (passkey_id = ${passkeyId} OR (passkey_id IS NULL AND ${hasProven('pop')}))`

/**
 * SQL condition on `sessions`: no second factor that the account still has vouches for the session. It has
 * proven one factor, or a second one that may be gone: a thief can add a factor, which raises their session,
 * and remove it again. Only passkeys are named, so only a passkey vouches.
 */
export const isUnvouched: SQL = sql`
  (NOT EXISTS (SELECT 1 FROM json_each(amr) WHERE value = ${TWO_METHODS})
    OR NOT EXISTS (SELECT 1 FROM passkeys WHERE passkeys.id = sessions.passkey_id AND ${isKept}))`
