import type { ConsentDecision, ConsentSource } from './consent.ts'
import type { FactorKind } from './factor-kinds.ts'
import type { SessionId, UserId } from './ids.ts'
import type { OperatorReason } from './operator.ts'
import type { LimitName } from './rate-limit-policies.ts'

/** Who acted: an anonymous client, a signed-in user, or the service itself. */
export type Actor =
  | { readonly type: 'anonymous' }
  | { readonly type: 'user'; readonly userId: UserId; readonly sessionId: SessionId }
  | { readonly type: 'system' }

/**
 * What happened. `detail` holds codes and counts, never personal data: it is archived unencrypted and stays
 * there after the person is erased. To record a new action, add it here. A new member of `detail` that holds
 * an id has a name that ends in `_id`, and an entry in `personal-ids.ts`.
 */
export type AuditAction =
  | { readonly action: 'user.registered' }
  | { readonly action: 'user.registration_refused'; readonly detail: { readonly reason: 'email_taken' } }
  /** `continued_session_id`: the session of the service's pages that an application continues. */
  | {
      readonly action: 'user.signed_in'
      readonly detail: { readonly session_id: SessionId; readonly continued_session_id?: SessionId }
    }
  | { readonly action: 'user.sign_in_failed'; readonly detail: { readonly reason: SignInFailure } }
  | { readonly action: 'identity.linked'; readonly detail: IdentityDetail & { readonly by: LinkedBy } }
  | { readonly action: 'identity.link_failed'; readonly detail: { readonly reason: SignInFailure | 'identity_taken' } }
  | { readonly action: 'identity.unlinked'; readonly detail: IdentityDetail }
  | { readonly action: 'user.credentials_voided'; readonly detail: { readonly reason: 'mailbox_proven' } }
  | { readonly action: 'user.password_rehashed' }
  | { readonly action: 'user.password_retired'; readonly detail: { readonly reason: 'old_pepper' } }
  | { readonly action: 'session.refreshed'; readonly detail: { readonly session_id: SessionId } }
  | { readonly action: 'session.reuse_detected'; readonly detail: { readonly session_id: SessionId } }
  | {
      readonly action: 'session.ended'
      readonly detail: { readonly session_id: SessionId; readonly reason: SessionEndReason }
    }
  | { readonly action: 'session.others_ended'; readonly detail: { readonly kept_session_id: SessionId } }
  /**
   * A sign-in exceeded the number of sessions an account may have, so older sessions of the account were
   * ended.
   */
  | { readonly action: 'session.surplus_ended'; readonly detail: { readonly signed_in_session_id: SessionId } }
  /** Without `method`, the password was given: events of version 0.2.0 do not name it. */
  | {
      readonly action: 'session.stepped_up'
      readonly detail: { readonly session_id: SessionId; readonly method?: StepUpMethod }
    }
  | { readonly action: 'user.reauthentication_failed'; readonly detail: { readonly reason: SignInFailure } }
  | { readonly action: 'user.verification_requested' }
  | { readonly action: 'user.email_verified' }
  | { readonly action: 'user.password_reset_requested' }
  /** `dropped_identities`: the identities that were unlinked together with the old password, if any. */
  | {
      readonly action: 'user.password_reset'
      readonly detail?: { readonly dropped_identities: readonly IdentityDetail[] }
    }
  | { readonly action: 'user.password_changed' }
  | { readonly action: 'password.removed' }
  | { readonly action: 'user.email_change_requested' }
  | { readonly action: 'user.email_changed' }
  | { readonly action: 'user.sign_in_code_requested' }
  | { readonly action: 'user.email_change_undone' }
  /**
   * A genuine link was refused because it was used, expired or revoked. At most one event per person and
   * hour.
   */
  | { readonly action: 'user.token_refused'; readonly detail: { readonly purpose: MailedPurpose } }
  /** The first request over a quota. Later requests in the same window are refused without an event. */
  | { readonly action: 'limit.reached'; readonly detail: { readonly policy: LimitName } }
  /** An operator cleared a lockout or a rate limit before its window ended. */
  | { readonly action: 'lock.cleared'; readonly detail?: OperatorDetail }
  | { readonly action: 'profile.updated'; readonly detail: { readonly fields: readonly string[] } }
  | { readonly action: 'user.deletion_requested'; readonly detail?: OperatorDetail }
  | { readonly action: 'user.restore_offered' }
  | { readonly action: 'user.restored'; readonly detail?: OperatorDetail }
  /**
   * The event has no subject: nobody is to find the person's id beside a time. `receipt`: SHA-256 of the
   * receipt.
   */
  | { readonly action: 'user.erased'; readonly detail: { readonly receipt: string } }
  | { readonly action: 'erasure.reopened' }
  /** Erasure requests and legal holds of the version before got their seals. */
  | { readonly action: 'erasure.requests_sealed'; readonly detail: SealedRequestsDetail }
  | { readonly action: 'legal_hold.placed'; readonly detail?: OperatorDetail }
  | { readonly action: 'legal_hold.lifted'; readonly detail?: OperatorDetail }
  | { readonly action: 'user.suspended'; readonly detail: OperatorDetail & { readonly until: string | null } }
  | { readonly action: 'user.suspension_ended' }
  | { readonly action: 'user.reactivated'; readonly detail: OperatorDetail }
  | { readonly action: 'user.sessions_revoked'; readonly detail: OperatorDetail }
  | { readonly action: 'user.password_reset_required'; readonly detail: OperatorDetail }
  | { readonly action: 'user.roles_changed'; readonly detail: OperatorDetail & { readonly roles: readonly string[] } }
  | { readonly action: 'user.role_granted'; readonly detail: { readonly role: string } }
  | { readonly action: 'erasure.run_requested'; readonly detail: OperatorDetail & { readonly dry_run: boolean } }
  | { readonly action: 'import.started'; readonly detail: OperatorDetail & ImportDetail }
  /** Lines of an import arrived. Lines that had arrived before changed nothing. */
  | { readonly action: 'import.continued'; readonly detail: OperatorDetail & ImportDetail & ImportedLinesDetail }
  | { readonly action: 'import.finished'; readonly detail: OperatorDetail & ImportDetail }
  | { readonly action: 'operator.import_viewed'; readonly detail: OperatorSession & ImportDetail }
  | { readonly action: 'user.imported'; readonly detail: OperatorDetail & ImportDetail & ImportedUserDetail }
  | { readonly action: 'operator.users_exported'; readonly detail: ExportedUsersDetail }
  /** Recorded once for each exported user, in that user's trail. */
  | { readonly action: 'operator.user_exported'; readonly detail: ExportedUsersDetail }
  | { readonly action: 'operator.denied'; readonly detail: { readonly route: string; readonly session_id: SessionId } }
  | { readonly action: 'operator.audit_verified'; readonly detail: OperatorSession & VerifiedDetail }
  | { readonly action: OperatorRead; readonly detail: OperatorReadDetail }
  | { readonly action: 'totp.added' }
  | { readonly action: 'totp.replaced' }
  | { readonly action: 'totp.removed' }
  | { readonly action: 'passkey.added'; readonly detail: PasskeyDetail }
  | { readonly action: 'passkey.renamed'; readonly detail: PasskeyDetail }
  | { readonly action: 'passkey.removed'; readonly detail: PasskeyDetail }
  /** Its signature counter went back, so another device may have a copy. It can no longer be used. */
  | { readonly action: 'passkey.suspended'; readonly detail: PasskeyDetail }
  /** The owner removed it with the link of the mail that reported it. */
  | { readonly action: 'passkey.undone'; readonly detail: PasskeyDetail }
  | { readonly action: 'recovery_codes.made' }
  /** `left`: how many codes of the account can still be used. */
  | { readonly action: 'recovery_code.used'; readonly detail: { readonly left: number } }
  | { readonly action: 'two_step.enabled' }
  | { readonly action: 'two_step.disabled' }
  | { readonly action: 'two_step.due'; readonly detail: TwoStepDueDetail }
  /** The policy or an operator requires two factors of the account no more. Its owner may still want them. */
  | { readonly action: 'two_step.released'; readonly detail: TwoStepReleasedDetail }
  /** The first factor was right, and the answer was a request for the second one. */
  | { readonly action: 'user.second_factor_asked' }
  /** The first factor was right, and the account has to add a second one. */
  | { readonly action: 'user.enrolment_asked' }
  | {
      readonly action: 'user.second_factor_failed'
      readonly detail: { readonly method: SecondFactorMethod; readonly reason: SecondFactorFailure }
    }
  /** A code was mailed, with which a second factor can be added without a session. */
  | { readonly action: 'user.enrolment_code_requested' }
  | { readonly action: 'factors.enrolment_token_made'; readonly detail?: OperatorDetail }
  | { readonly action: 'factors.reset_requested'; readonly detail: OperatorDetail & FactorResetDetail & DueDetail }
  /** Without an operator, the owner cancelled it: with the mailed link, or in a session. */
  | { readonly action: 'factors.reset_cancelled'; readonly detail?: OperatorDetail }
  /** `two_step`: the command has turned two-step sign-in off as well. */
  | { readonly action: 'factors.reset'; readonly detail: FactorResetDetail & { readonly two_step?: 'off' } }
  | { readonly action: 'consent.decided'; readonly detail: ConsentDetail }
  | { readonly action: 'consent.refused'; readonly detail: RefusedConsentDetail }
  | { readonly action: 'export.requested'; readonly detail: ExportDetail }
  | { readonly action: 'export.ready'; readonly detail: ExportDetail }
  | { readonly action: 'export.failed'; readonly detail: ExportDetail & { readonly reason: ExportFailure } }
  | { readonly action: 'export.downloaded'; readonly detail: ExportDetail }
  | { readonly action: 'export.deleted'; readonly detail: ExportDetail & { readonly reason: 'expired' } }

/** The purpose of a link in a mail, or of the token that restores an account. */
type MailedPurpose = 'verify' | 'reset' | 'change' | 'undo' | 'restore' | 'recover' | 'keep' | 'unkey'

/** Why a person ended one session: by signing out in it, or from the list of their sessions. */
export type SessionEndReason = 'logout' | 'owner'

export type SignInFailure =
  | 'unknown_address'
  | 'wrong_password'
  | 'locked'
  | 'no_password'
  /** The code or the link of a mail that signs in, or one that was used before. */
  | 'wrong_code'
  | 'used_code'
  /** No account has this identity, and the request may not create an account. */
  | 'not_linked'
  | 'suspended'
  | 'unverified'
  /**
   * The address is unverified, and the answer is the same as for a wrong password
   * (`REGISTRATION_MODE=private`).
   */
  | 'unproven'
  | 'reset_required'
  /** The account needs two factors, and one was proven. */
  | 'second_factor_required'
  | 'erased'
  | 'changed_meanwhile'
  | 'root_key_missing'
  | 'deleted'
  /** The passkey is not known, or belongs to another account or domain. */
  | 'unknown_passkey'
  /** The signature, or what it covers, is wrong. */
  | 'wrong_signature'
  | 'passkey_removed'
  | 'passkey_suspended'
  /** The signature counter went back. */
  | 'passkey_copied'
  /** The passkey is a second factor only. */
  | 'passkey_unverified'
  | 'ticket_spent'
  | 'provider_denied'
  | 'provider_unavailable'
  | 'provider_rejected'
  | 'provider_email_unverified'

/** How a session was renewed, without a password. `email`: a mailed code. `fed`: an identity provider. */
export type StepUpMethod = SecondFactorMethod | 'email' | 'fed'

/** `otp`: a code of an authenticator app. `pop`: a passkey or a security key. */
export type SecondFactorMethod = 'otp' | 'recovery' | 'pop' | 'mail_code'

/** Why a second factor was refused. The answer never says it. */
export type SecondFactorFailure =
  | 'wrong_code'
  /** The code was right, and was used before. */
  | 'used_code'
  /** The lockout of second factors, or the bound on all guesses: the code was not compared. */
  | 'locked'
  | 'too_many_failures'
  /** The account has no second factor of this method. */
  | 'no_factor'
  | 'wrong_signature'
  | 'passkey_suspended'
  | 'passkey_copied'
  | 'passkey_unverified'
  | 'ticket_spent'
  | 'changed_meanwhile'
  | 'root_key_missing'

interface PasskeyDetail {
  /** The id that the API shows. It is no credential id. */
  readonly passkey_id: string
}

interface DueDetail {
  /** ISO 8601. */
  readonly due_at: string
}

/** Why the account needs two factors from `due_at` on: a role, the policy for everybody, or an operator. */
type TwoStepDueDetail = DueDetail &
  ({ readonly by: 'role' | 'policy' | 'import' } | ({ readonly by: 'operator' } & OperatorDetail))

type TwoStepReleasedDetail = { readonly by: 'role' | 'policy' } | ({ readonly by: 'operator' } & OperatorDetail)

/** The kinds of second factors that were removed, or will be. */
interface FactorResetDetail {
  readonly kinds: readonly FactorKind[]
}

interface IdentityDetail {
  readonly identity_id: string
  /** Name of the provider in `OAUTH_PROVIDERS`. */
  readonly provider: string
}

/**
 * How an identity was linked: it created the account, it has the account's address, or the owner linked it.
 */
export type LinkedBy = 'sign_up' | 'address' | 'owner'

/** Reads by an operator. */
export type OperatorRead =
  | 'operator.users_searched'
  | 'operator.user_viewed'
  | 'operator.lock_viewed'
  | 'operator.audit_searched'
  | 'operator.erasures_listed'
  | 'operator.receipt_viewed'
  | 'operator.stats_viewed'
  | 'operator.keys_viewed'

/**
 * The event does not hold the operator's device. The session row holds it, encrypted under the operator's own
 * data key.
 */
interface OperatorSession {
  readonly operator_session_id: SessionId
}

interface VerifiedDetail {
  /** Numbers of the first and last archive segment that were checked. */
  readonly from: number
  readonly to: number
  /** What is wrong with the segments, as a code of the verifier; null if nothing is. */
  readonly finding: string | null
}

export interface OperatorDetail extends OperatorSession {
  readonly reason: OperatorReason
}

interface OperatorReadDetail extends OperatorSession {
  /** Names of the filters in use, never their values. */
  readonly filters?: readonly string[]
  /** The reason for which personal data was shown unmasked; absent if it was masked. */
  readonly revealed_for?: OperatorReason
}

interface SealedRequestsDetail {
  readonly requests: number
  readonly holds: number
  /** SHA-256 of the list, hexadecimal. */
  readonly digest: string
}

interface ImportDetail {
  readonly import_id: string
}

/**
 * The state in which the account arrived. The number of its line is not recorded, because the operator's file
 * has the person's address on that line.
 */
interface ImportedUserDetail {
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly password_reset_required: boolean
  readonly legal_hold: boolean
}

interface ImportedLinesDetail {
  readonly first_line: number
  readonly lines: number
}

interface ExportedUsersDetail extends OperatorSession {
  readonly revealed_for: OperatorReason
  /** Whether the password hashes were exported too. They are useless without the pepper. */
  readonly with_password_hashes: boolean
  /** Whether the secrets of authenticator apps were exported too. They make codes. */
  readonly with_factors: boolean
}

/**
 * Holds the id of the row, not the document or its version. Those are texts that a client chose, and would
 * stay in the archive after the person is erased.
 */
/** A decision that was sent with a registration that was refused. */
interface RefusedConsentDetail {
  readonly decision: ConsentDecision
  readonly source: ConsentSource
  readonly reason: 'email_taken'
}

interface ConsentDetail {
  readonly consent_id: string
  readonly decision: ConsentDecision
  readonly source: ConsentSource
}

interface ExportDetail {
  readonly export_id: string
}

export type ExportFailure = 'key_destroyed' | 'internal_error'

export type Outcome = 'success' | 'failure'

/** An event of the audit trail, before it gets an id and a time. */
export type AuditEvent = AuditAction & {
  readonly outcome: Outcome
  /** The user whose account or data the event is about. Absent for a failed sign-in to an unknown address. */
  readonly subjectId?: UserId
}
