import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../context.ts'
import type { SecondFactorFailure, SignInFailure } from '../core/audit-event.ts'
import type { UserId } from '../core/ids.ts'
import { readStored } from '../core/json.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { RelyingParty } from '../core/relying-party.ts'
import { type PublicKey, publicKeySchema } from '../crypto/webauthn/public-key.ts'
import type { AssertionResponse } from '../crypto/webauthn/responses.ts'
import { type ProvenCredential, verifyAssertion } from '../crypto/webauthn/verify-assertion.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { passkeys } from '../storage/schema/index.ts'
import { wentBack } from './signature-counter.ts'
import { suspendPasskey } from './suspend-passkey.ts'

const passkeyMembers = {
  id: passkeys.id,
  user_id: passkeys.userId,
  public_key: passkeys.publicKey,
  sign_count: passkeys.signCount,
  is_backup_eligible: passkeys.isBackupEligible,
  is_discoverable: passkeys.isDiscoverable,
  is_uv_initialized: passkeys.isUvInitialized,
  created_at: passkeys.createdAt,
  last_used_at: passkeys.lastUsedAt,
  suspended_at: passkeys.suspendedAt,
  removed_at: passkeys.removedAt,
  accepted: computed.texts(sql`
    (SELECT json_group_array(kept.credential_id) FROM passkeys kept
      WHERE kept.user_id = passkeys.user_id AND kept.rp_id = passkeys.rp_id AND kept.removed_at IS NULL)`),
  has_wrong_codes: computed.flag(sql`
    EXISTS (SELECT 1 FROM totp_factors WHERE totp_factors.user_id = passkeys.user_id AND totp_factors.failures > 0)`),
} as const

/** The passkey that an answer names. */
export type NamedPasskey = Row<typeof passkeyMembers>

interface Named {
  readonly credentialId: string
  /** Undefined if the authenticator named no account of this service. */
  readonly userId: UserId | undefined
  readonly relyingParty: RelyingParty
}

/**
 * Reads the passkey with this credential id, removed ones included, if it belongs to this account. Index
 * `passkeys_credential`.
 */
export const selectNamedPasskey = ({ credentialId, userId, relyingParty }: Named): Statement<NamedPasskey> =>
  withRows(
    passkeyMembers,
    sql`
      SELECT ${columnsOf(passkeyMembers)} FROM passkeys
      WHERE credential_id = ${credentialId} AND user_id = ${userId ?? ''} AND rp_id = ${relyingParty.id}`,
  )

/**
 * A key whose private part does not exist. An answer that names no passkey is verified with it, so that its
 * refusal takes as long as that of a wrong signature. Most authenticators make keys of this algorithm.
 */
const DECOY: PublicKey = {
  alg: -7,
  jwk: {
    kty: 'EC',
    crv: 'P-256',
    x: 'cYLRGaxZjYaI37Vz0GsdfzZdDlA0jXMBZKyvw6p9vfY',
    y: 'mZ9-yS24o_rLET4QvRCdjqBy_1Y-BNXVkOn0t4pj8mw',
  },
}

interface PasskeyAnswer {
  /** Undefined if no passkey matches. */
  readonly passkey: NamedPasskey | undefined
  readonly response: AssertionResponse
  readonly challenge: string
  /** False if an answer to the challenge was judged before. */
  readonly isFirstAnswer: boolean
  readonly relyingParty: RelyingParty
  readonly needsUserVerification: boolean
  readonly pendingKey: Promise<DataKeyLookup>
}

/** A right answer. The caller has to spend it: `spendPasskey`. */
export interface RightPasskey {
  readonly passkey: NamedPasskey
  readonly proven: ProvenCredential
}

export type PasskeyRefusal = Extract<SignInFailure, SecondFactorFailure> | 'unknown_passkey' | 'passkey_removed'

/**
 * Judges the answer of an authenticator to a challenge. Every answer is verified, also one that names no
 * passkey, or whose challenge was used. What is stored about the passkey is judged after its signature. If
 * its counter went back, the passkey is suspended.
 * @returns the reason of a refusal, for the audit trail alone
 */
export async function judgePasskey(
  ctx: Recording & Pick<Context, 'locale' | 'sessions' | 'defer'>,
  { passkey, response, isFirstAnswer, relyingParty, challenge, needsUserVerification, pendingKey }: PasskeyAnswer,
): Promise<RightPasskey | PasskeyRefusal> {
  const proven = await verifyAssertion(response, knownCredential(passkey), {
    challenge,
    origins: relyingParty.origins,
    rpId: relyingParty.id,
    needsUserVerification,
  })
  if (!isFirstAnswer) return 'ticket_spent'
  if (passkey === undefined) return 'unknown_passkey'
  if (!proven.ok) return proven.failure === 'user_verification' ? 'passkey_unverified' : 'wrong_signature'
  if (passkey.removed_at !== null) return 'passkey_removed'
  if (passkey.suspended_at !== null) return 'passkey_suspended'
  const answer = { signCount: proven.signCount, now: ctx.now }
  if (!wentBack(passkey, answer)) return { passkey, proven }
  await suspendPasskey(ctx, { passkey, signCount: proven.signCount, pendingKey })
  return 'passkey_copied'
}

const knownCredential = (passkey: NamedPasskey | undefined) =>
  passkey === undefined
    ? { publicKey: DECOY, isBackupEligible: true }
    : {
        publicKey: readStored(publicKeySchema, passkey.public_key),
        isBackupEligible: passkey.is_backup_eligible,
      }
