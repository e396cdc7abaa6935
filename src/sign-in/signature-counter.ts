import { type SQL, sql } from 'drizzle-orm'

/**
 * Two answers of one authenticator may arrive in the wrong order. So a counter that goes back so soon after
 * the last use means nothing.
 */
const DISORDER_MS = 10_000

interface CountingPasskey {
  readonly sign_count: number
  readonly is_backup_eligible: boolean
  readonly created_at: number
  readonly last_used_at: number | null
}

interface Answer {
  /** The counter in the answer of the authenticator. */
  readonly signCount: number
  readonly now: number
}

/**
 * Whether the signature counter of a passkey went back (WebAuthn section 6.1.1): another device may have a
 * copy of it. A passkey that may be synchronized says nothing by its counter.
 */
export function wentBack(passkey: CountingPasskey, { signCount, now }: Answer): boolean {
  if (passkey.is_backup_eligible || Math.max(signCount, passkey.sign_count) === 0) return false
  return signCount <= passkey.sign_count && (passkey.last_used_at ?? passkey.created_at) <= now - DISORDER_MS
}

/** SQL condition on `passkeys`: the rule of `wentBack`. */
export const hasGoneBack = ({ signCount, now }: Answer): SQL => sql`
  (passkeys.is_backup_eligible = 0 AND max(${signCount}, passkeys.sign_count) > 0
    AND ${signCount} <= passkeys.sign_count
    AND coalesce(passkeys.last_used_at, passkeys.created_at) <= ${now - DISORDER_MS})`
