// Written by `npm run generate -- client` from the OpenAPI document. Do not edit.
export type Registered = { id: string; message: string }

export type Message = { message: string }

export type SignInUser = { id: string; email: string | null; is_verified: boolean }

export type PasskeySignal = { user_handle: string; rp_id: string; accepted_credential_ids: readonly string[] }

export type SignIn = {
  access_token: string
  token_type: 'Bearer'
  expires_in: number
  refresh_token?: string
  refresh_expires_in: number
  device_token?: string
  user: SignInUser
  recovery_codes_left?: number
  recovery_codes?: readonly string[]
  passkey?: PasskeySignal
}

export type PasskeyDescriptor = { type: 'public-key'; id: string; transports?: readonly string[] }

export type PasskeyRequest = {
  challenge: string
  rpId: string
  allowCredentials: readonly PasskeyDescriptor[]
  userVerification: 'required' | 'preferred' | 'discouraged'
  timeout: number
}

export type SecondFactorAsked = {
  mfa_required: true
  mfa_token: string
  expires_in: number
  methods: readonly ('passkey' | 'totp' | 'recovery_code')[]
  public_key?: PasskeyRequest
}

export type EnrolmentAsked = {
  enrolment_required: true
  enrolment_token: string
  expires_in: number
  methods: readonly ('passkey' | 'totp')[]
}

export type RestoreOffer = { account_status: 'deleted'; restore_token: string; restore_until: string }

export type Tokens = {
  access_token: string
  token_type: 'Bearer'
  expires_in: number
  refresh_token?: string
  refresh_expires_in: number
}

export type AccessToken = { access_token: string; token_type: 'Bearer'; expires_in: number }

export type SessionCheck = {
  active: true
  user_id: string
  session_id: string
  roles: readonly string[]
  amr: readonly string[]
  acr: 'aal0' | 'aal1' | 'aal2' | 'phr'
  auth_time: string
  expires_at: string
}

export type DeviceToken = { device_token: string }

export type Identity = { id: string; provider: string; linked_at: string }

export type IdentityList = { identities: readonly Identity[] }

export type LinkTicket = { link: string; expires_in: number }

export type Session = {
  id: string
  current: boolean
  created_at: string
  last_used_at: string
  expires_at: string
  device: string | null
  user_agent: string | null
  ip: string | null
  city: string | null
  country: string | null
  application: string | null
  amr: readonly string[]
  acr: 'aal0' | 'aal1' | 'aal2' | 'phr'
}

export type SessionList = { sessions: readonly Session[] }

export type Profile = {
  full_name: string | null
  phone_number: string | null
  avatar_url: string | null
  bio: string | null
  preferences: { [name: string]: unknown } | null
  updated_at: string
}

export type Me = {
  id: string
  email: string
  is_verified: boolean
  status: string
  roles: readonly string[]
  created_at: string
  last_login_at: string | null
  profile: Profile
}

export type Deletion = { status: 'deleted'; purge_after: string; restore_until: string }

export type ActivityEvent = {
  id: string
  occurred_at: string
  action: string
  outcome: 'success' | 'failure'
  by: 'you' | 'operator' | 'service' | 'unknown'
  user_agent: string | null
  ip: string | null
  city: string | null
  country: string | null
  detail: { [name: string]: unknown } | null
  uncertain: readonly ('event' | 'actor' | 'subject' | 'outcome' | 'detail')[]
}

export type Activity = { events: readonly ActivityEvent[]; next_cursor: string | null }

export type Consent = {
  document: string
  version: string
  decision: 'granted' | 'withdrawn'
  decided_at: string
  source: 'user' | 'sec-gpc'
}

export type ConsentLedger = { consents: readonly Consent[]; history: readonly Consent[]; next_cursor: string | null }

export type ExportRequested = { id: string; status: 'pending' | 'ready' | 'failed' }

export type Export = {
  id: string
  status: 'pending' | 'ready' | 'failed'
  created_at: string
  expires_at: string
  download?: string
}

export type ExportBundle = {
  manifest: { format: string; subject: string; [name: string]: unknown }
  [name: string]: unknown
}

export type PublicKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string; alg: 'ES256'; use: 'sig' }

export type KeySet = { keys: readonly PublicKey[] }

export type ReceiptKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string }

export type Checkpoint = {
  sequence: number
  hash: string
  event_count: number
  checkpoint: string | null
  keys: readonly ReceiptKey[]
  log_keys: readonly string[]
  note: string | null
}

export type Issuer = {
  issuer: string
  jwks_uri: string
  id_token_signing_alg_values_supported: readonly string[]
  token_endpoint_auth_methods_supported: readonly string[]
  response_types_supported: readonly string[]
  subject_types_supported: readonly string[]
  acr_values_supported: readonly ('aal0' | 'aal1' | 'aal2' | 'phr')[]
}

export type Health = { status: 'ok' | 'ready' }

export type PasskeyRequestOffer = { ticket: string; expires_in: number; public_key: PasskeyRequest }

export type PasskeyCreation = {
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  challenge: string
  pubKeyCredParams: readonly { type: 'public-key'; alg: number }[]
  timeout: number
  excludeCredentials: readonly { type: 'public-key'; id: string }[]
  authenticatorSelection: {
    residentKey: 'required' | 'preferred' | 'discouraged'
    requireResidentKey: boolean
    userVerification: 'required' | 'preferred' | 'discouraged'
    authenticatorAttachment?: 'cross-platform'
  }
  attestation: 'none'
  hints: readonly ('security-key' | 'client-device' | 'hybrid')[]
  extensions: { credProps: true }
}

export type PasskeyOffer = { ticket: string; expires_in: number; public_key: PasskeyCreation }

export type PasskeyAdded = {
  id: string
  name: string | null
  provider: string | null
  recovery_codes?: readonly string[]
}

export type Passkey = {
  id: string
  name: string | null
  provider: string | null
  created_at: string
  last_used_at: string | null
  synced: boolean
  second_factor_only: boolean
  suspended: boolean
  other_domain: boolean
}

export type TwoStep = { enabled: boolean; since: string | null; due_at: string | null }

export type FactorReset = { kinds: readonly ('totp' | 'passkeys' | 'recovery_codes')[]; due_at: string }

export type Factors = {
  two_step: TwoStep
  password: { set: boolean; changed_at: string | null }
  totp: { created_at: string } | null
  recovery_codes: { left: number; created_at: string } | null
  passkeys: readonly Passkey[]
  user_handle: string
  rp_id: string | null
  accepted_credential_ids: readonly string[]
  user_name: string | null
  user_display_name: string | null
  reset: FactorReset | null
}

export type TotpOffer = {
  ticket: string
  secret: string
  uri: string
  algorithm: 'SHA1'
  digits: 6
  period: 30
  expires_in: number
}

export type TotpAdded = { recovery_codes?: readonly string[] }

export type RecoveryCodes = { recovery_codes: readonly string[] }

export type TwoStepSet = { two_step: TwoStep; recovery_codes?: readonly string[] }

export type ReturnCheck = { host: string; denied: string }

export type ReturnLocation = { location: string }

export type MailSignIn = { request: string; expires_in: number }

export type SignUpAsked = { passkey_required: true; sign_up_token: string; expires_in: number }

export type RelatedOrigins = { origins: readonly string[] }

export type PasskeyEndpoints = { enroll?: string; manage?: string }

export type AssetLinks = readonly {
  relation: readonly string[]
  target: { namespace: 'android_app'; package_name: string; sha256_cert_fingerprints: readonly string[] }
}[]

export type AppleApps = { webcredentials: { apps: readonly string[] } }

export type ListedUser = {
  id: string
  status: 'active' | 'suspended' | 'deleted'
  is_verified: boolean
  roles: readonly string[]
  created_at: string
  last_login_at: string | null
  suspended_at: string | null
  suspended_until: string | null
  password_reset_required: boolean
  two_step_at: string | null
  two_step_due_at: string | null
  deleted_at: string | null
  purge_after: string | null
  is_erased: boolean
  legal_hold: { reason: string; placed_at: string } | null
  email: string | null
}

export type UserList = { users: readonly ListedUser[]; next_cursor: string | null }

export type ViewedProfile = {
  full_name: string | null
  phone_number: string | null
  avatar_url: string | null
  bio: string | null
  preferences: { [name: string]: unknown } | string | null
}

export type ViewedFactors = {
  two_step: { enabled: boolean; since: string | null; due_at: string | null }
  totp: { created_at: string } | null
  passkeys: { usable: number; blocked: number; created_at: string; last_used_at: string | null } | null
  recovery_codes: { left: number; created_at: string } | null
  reset: FactorReset | null
}

export type Erasure = {
  user_id: string
  state: 'pending' | 'due' | 'held' | 'failed' | 'refused' | 'completed'
  basis: string
  requested_at: string
  due_at: string
  started_at: string | null
  completed_at: string | null
}

export type ViewedUser = {
  id: string
  status: 'active' | 'suspended' | 'deleted'
  is_verified: boolean
  roles: readonly string[]
  created_at: string
  last_login_at: string | null
  suspended_at: string | null
  suspended_until: string | null
  password_reset_required: boolean
  two_step_at: string | null
  two_step_due_at: string | null
  deleted_at: string | null
  purge_after: string | null
  is_erased: boolean
  legal_hold: { reason: string; placed_at: string } | null
  email: string | null
  profile: ViewedProfile | null
  has_password: boolean
  live_sessions: number
  factors: ViewedFactors
  erasure: Erasure | null
  data_key: string
  is_revealed: boolean
}

export type Account = {
  id: string
  status: 'active' | 'suspended' | 'deleted'
  is_verified: boolean
  roles: readonly string[]
  created_at: string
  last_login_at: string | null
  suspended_at: string | null
  suspended_until: string | null
  password_reset_required: boolean
  two_step_at: string | null
  two_step_due_at: string | null
  deleted_at: string | null
  purge_after: string | null
  is_erased: boolean
  legal_hold: { reason: string; placed_at: string } | null
}

export type EnrolmentToken = { enrolment_token: string; expires_in: number }

export type Lock = {
  kind: 'lock' | 'limit'
  policy: string
  by: string
  count: number
  quota: number
  is_blocked: boolean
  ends_at: string
}

export type LockList = { locks: readonly Lock[] }

export type Cleared = { cleared: number }

export type AuditEvent = {
  id: string
  occurred_at: string
  action: string
  outcome: 'success' | 'failure'
  actor_type: 'anonymous' | 'user' | 'system'
  actor_id: string | null
  subject_id: string | null
  request_id: string
  detail: { [name: string]: unknown } | null
  is_archived: boolean
  ip?: string
  user_agent?: string
  city?: string
  country?: string
  note?: string
}

export type AuditPage = { events: readonly AuditEvent[]; next_cursor: string | null; complete_since: string }

export type Verification = {
  ok: boolean
  from: number
  to: number
  events: number
  head: { sequence: number; event_count: number }
  unsigned_tail: boolean
  finding: { kind: string; sequence: number; message: string } | null
  next_after: number | null
}

export type ErasureList = { erasures: readonly Erasure[]; next_cursor: string | null }

export type ErasureRun = {
  dry_run: boolean
  open: { pending: number; due: number; held: number; failed: number; refused: number }
  oldest_due_at: string | null
}

export type Receipt = { user_id: string; completed_at: string; receipt: string }

export type Stats = {
  users: { [name: string]: number }
  two_step: { active_users: { [name: string]: number }; admins_without: number }
  passkeys: readonly { rp_id: string; count: number; other_domain: boolean }[]
  registered_last_day: number
  last_hour: { [name: string]: number }
  erasures: {
    open: { pending: number; due: number; held: number; failed: number; refused: number }
    oldest_due_at: string | null
  }
  audit: {
    archived_events: number
    segments: number
    late_events: number
    dead_letters: number
    rejected_events: number
    published_events: number
    published_at: string | null
  }
  mail: { open_jobs: number; oldest_open_at: string | null }
  jobs: readonly { job: string; last_finished_at: string | null }[]
  alarms: readonly {
    name:
      | 'dead_letters'
      | 'log_origin_changed'
      | 'overdue_erasures'
      | 'quorum_missed'
      | 'rejected_event'
      | 'reopen_refused'
      | 'root_key_missing'
      | 'schema_changed'
      | 'schema_newer'
      | 'tree_behind'
      | 'unsealed_erasure'
      | 'unsealed_hold'
      | 'unsigned_markers'
      | 'archive_disagreement'
      | 'archive_forked'
      | 'event_suppressed'
      | 'hold_removed'
      | 'log_forked'
      | 'squatted_name'
      | 'tree_planted'
      | 'unsealed_row'
      | 'witness_refused'
    since: string
    last_at: string
    count: number
  }[]
}

export type KeyProgress = {
  current_version: number
  versions: readonly {
    version: number
    state: 'current' | 'in_use' | 'drained' | 'unused' | 'missing'
    is_trusted: boolean
    first_seen_at: string | null
    wrapped_keys: number | null
    indexes: number
    passwords: number
    sealed_events: number | null
    sealed_requests: number
  }[]
  passwords_without_pepper: number
  sessions_settled_at: string | null
  signing: { current: string; published: readonly string[]; revoked: readonly string[] }
  runs: readonly { job: string; started_at: string; finished_at: string | null; counts: { [name: string]: number } }[]
}

export type Import = {
  id: string
  started_at: string
  updated_at: string
  finished_at: string | null
  next_line: number
  imported: number
  refused: number
}

export type ImportedLines = {
  next_line: number
  imported: readonly { line: number; id: string }[]
  refused: readonly { line: number; code: string; member: string | null }[]
}

export type ImportReport = {
  id: string
  started_at: string
  updated_at: string
  finished_at: string | null
  next_line: number
  imported: number
  refused: number
  refusals: readonly { line: number; code: string; member: string | null }[]
  next_cursor: string | null
}

export type ExportedUser = {
  id: string
  status: 'active' | 'suspended' | 'deleted'
  is_verified: boolean
  roles: readonly string[]
  created_at: string
  last_login_at: string | null
  suspended_at: string | null
  suspended_until: string | null
  password_reset_required: boolean
  two_step_at: string | null
  two_step_due_at: string | null
  deleted_at: string | null
  purge_after: string | null
  legal_hold: { reason: string; placed_at: string } | null
  is_readable: boolean
  email: string | null
  erasure_basis: string | null
  full_name?: string | null
  phone_number?: string | null
  avatar_url?: string | null
  bio?: string | null
  preferences?: { [name: string]: unknown } | null
  identities: readonly { provider: string; provider_id: string }[]
  password_hash?: string | null
  totp_secret?: string | null
}

export type ExportedUsers = { users: readonly ExportedUser[]; next_cursor: string | null }

export type OpenApiDocument = { openapi: string; [name: string]: unknown }

export type Problem = {
  type: string
  title: string
  status: number
  detail?: string
  instance: string
  code: string
  request_id: string
  errors?: readonly { pointer: string; detail: string }[]
}

/** Every problem code. */
export type ProblemCode =
  | 'malformed_json'
  | 'invalid_token'
  | 'invalid_state'
  | 'invalid_credentials'
  | 'passkey_removed'
  | 'invalid_second_factor'
  | 'invalid_mail_code'
  | 'invalid_access_token'
  | 'invalid_refresh_token'
  | 'step_up_required'
  | 'factor_enrolment_required'
  | 'second_factor_required'
  | 'account_suspended'
  | 'account_deleted'
  | 'access_denied'
  | 'provider_email_unverified'
  | 'email_unverified'
  | 'password_reset_required'
  | 'forbidden'
  | 'origin_not_allowed'
  | 'https_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'email_taken'
  | 'last_admin'
  | 'state_conflict'
  | 'identity_taken'
  | 'passkey_known'
  | 'passkey_limit'
  | 'last_credential'
  | 'factor_required'
  | 'no_factor'
  | 'request_in_progress'
  | 'proof_not_published'
  | 'precondition_failed'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'validation_failed'
  | 'idempotency_key_reused'
  | 'rate_limited'
  | 'internal_error'
  | 'provider_rejected'
  | 'provider_unavailable'
  | 'unavailable'
  | 'misconfigured'

/** The input and answer of each operation. */
export interface Operations {
  /** Register an account. */
  register: {
    body: {
      email: string
      password: string
      full_name?: string | null
      phone_number?: string | null
      preferences?: { [name: string]: unknown } | null
      consents?: readonly { document: string; version: string }[]
    }

    answer: Registered | Message
  }
  /** Sign in with a password. */
  login: {
    body: { email: string; password: string; session_mode?: 'token' | 'cookie'; device_token?: string }

    answer: SignIn | SecondFactorAsked | EnrolmentAsked | RestoreOffer
  }
  /** Get a new access token. */
  refresh: {
    body: { refresh_token?: string }

    answer: Tokens
  }
  /** Sign out. */
  logout: {
    body?: { refresh_token?: string }

    answer: undefined
  }
  /** Restore a deleted account with a token. */
  restoreAccount: {
    body: { token: string; session_mode?: 'token' | 'cookie' }

    answer: SignIn | SecondFactorAsked | EnrolmentAsked | RestoreOffer
  }
  /** Confirm a password, code, passkey or provider as a recent sign-in. */
  stepUp: {
    body: {
      password?: string
      totp?: string
      email_code?: string
      request?: string
      ticket?: string
      credential?: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          authenticatorData: string
          signature: string
          userHandle?: string | null
          [name: string]: unknown
        }
        [name: string]: unknown
      }
      code?: string
      code_verifier?: string
    }

    answer: AccessToken
  }
  /** Check the current session. */
  checkSession: {
    answer: SessionCheck
  }
  /** Request a password reset. */
  requestPasswordReset: {
    body: { email: string }

    answer: Message
  }
  /** Reset the password with a mailed token. */
  resetPassword: {
    body: { token: string; new_password: string; session_mode?: 'token' | 'cookie' }

    answer: DeviceToken | undefined
  }
  /** Change the password. */
  changePassword: {
    body: { current_password: string; new_password: string }

    answer: undefined
  }
  /** Remove the password. */
  removePassword: {
    answer: undefined
  }
  /** Confirm an e-mail address with a mailed token. */
  verifyEmail: {
    body: { token: string }

    answer: undefined
  }
  /** Resend the verification mail. */
  resendVerification: {
    body: { email: string }

    answer: Message
  }
  /** Undo a change of e-mail address. */
  undoEmailChange: {
    body: { token: string }

    answer: undefined
  }
  /** Request a change of e-mail address. */
  changeEmail: {
    body: { new_email: string }

    answer: Message
  }
  /** Start a social sign-in. */
  startSocialSignIn: {
    params: { provider: string }
    query: {
      redirect_uri: string
      code_challenge: string
      state?: string
      code_challenge_method?: string
      link?: string
    }
    answer: undefined
  }
  /** Finish a social sign-in. */
  finishSocialSignIn: {
    params: { provider: string }

    answer: undefined
  }
  /** Exchange a code for tokens. */
  exchangeCode: {
    body: { code: string; code_verifier: string; redirect_uri?: string; session_mode?: 'token' | 'cookie' }

    answer: SignIn | SecondFactorAsked | EnrolmentAsked | RestoreOffer
  }
  /** List linked identities. */
  listIdentities: {
    answer: IdentityList
  }
  /** Link an identity with a code. */
  linkIdentity: {
    body: { code: string; code_verifier: string }

    answer: Identity
  }
  /** Get a ticket to link an identity. */
  startLink: {
    params: { provider: string }

    answer: LinkTicket
  }
  /** Unlink an identity. */
  unlinkIdentity: {
    params: { id: string }

    answer: undefined
  }
  /** List active sessions. */
  listSessions: {
    answer: SessionList
  }
  /** End all other sessions. */
  endOtherSessions: {
    answer: undefined
  }
  /** End a session. */
  endSession: {
    params: { id: string }

    answer: undefined
  }
  /** Get the account and profile. */
  getMe: {
    answer: Me
  }
  /** Delete the account. */
  deleteMe: {
    answer: Deletion
  }
  /** Update the profile. */
  putMe: {
    body: {
      full_name?: string | null
      phone_number?: string | null
      avatar_url?: string | null
      bio?: string | null
      preferences?: { [name: string]: unknown } | null
    }

    answer: Me
  }
  /** Update the profile. */
  updateMe: {
    body: {
      full_name?: string | null
      phone_number?: string | null
      avatar_url?: string | null
      bio?: string | null
      preferences?: { [name: string]: unknown } | null
    }

    answer: Me
  }
  /** List account activity. */
  listActivity: {
    query?: { limit?: string; cursor?: string }
    answer: Activity
  }
  /** Get the proof of an own event. */
  getActivityProof: {
    params: { id: string }

    answer: string
  }
  /** List consents and their history. */
  listConsents: {
    query?: { cursor?: string }
    answer: ConsentLedger
  }
  /** Grant or withdraw consent to a document. */
  decideConsent: {
    body: { version: string; decision: 'granted' | 'withdrawn' }
    params: { document: string }

    answer: Consent
  }
  /** Request a data export. */
  requestExport: {
    answer: ExportRequested
  }
  /** Get the status of a data export. */
  getExport: {
    params: { id: string }

    answer: Export
  }
  /** Download a data export. */
  downloadExport: {
    params: { id: string }

    answer: ExportBundle
  }
  /** Get the public keys of access tokens. */
  getKeys: {
    answer: KeySet
  }
  /** Get the latest checkpoint of the audit archive. */
  getCheckpoint: {
    answer: Checkpoint
  }
  /** Get the issuer, key address and algorithm. */
  getIssuer: {
    answer: Issuer
  }
  /** Check whether D1, KV and R2 respond. */
  getReadiness: {
    answer: Health
  }
  /** Redirect a password manager to the password page. */
  findPasswordPage: {
    answer: undefined
  }
  /** Cancel a requested reset of second factors. */
  keepFactors: {
    body: { token: string }

    answer: undefined
  }
  /** Cancel a requested reset of second factors. */
  keepOwnFactors: {
    answer: undefined
  }
  /** Begin a sign-in with a passkey. */
  offerPasskeySignIn: {
    answer: PasskeyRequestOffer
  }
  /** Sign in with a passkey. */
  signInWithPasskey: {
    body: {
      ticket: string
      credential: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          authenticatorData: string
          signature: string
          userHandle?: string | null
          [name: string]: unknown
        }
        [name: string]: unknown
      }
      session_mode?: 'token' | 'cookie'
    }

    answer: SignIn | SecondFactorAsked | EnrolmentAsked | RestoreOffer
  }
  /** Begin a step-up with a passkey. */
  offerPasskeyStepUp: {
    answer: PasskeyRequestOffer
  }
  /** Begin adding a passkey or a security key. */
  offerPasskey: {
    body?: { kind?: 'passkey' | 'security_key'; mediation?: 'conditional' }

    answer: PasskeyOffer
  }
  /** Add a passkey or a security key. */
  addPasskey: {
    body: {
      ticket: string
      credential: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          attestationObject: string
          transports?: readonly string[]
          [name: string]: unknown
        }
        clientExtensionResults?: { credProps?: { rk?: boolean; [name: string]: unknown }; [name: string]: unknown }
        [name: string]: unknown
      }
      name?: string
      two_step?: boolean
    }

    answer: PasskeyAdded
  }
  /** Rename a passkey. */
  renamePasskey: {
    body: { name: string }
    params: { id: string }

    answer: Passkey
  }
  /** Remove a passkey. */
  removePasskey: {
    params: { id: string }

    answer: undefined
  }
  /** Remove a passkey that was added. */
  undoPasskey: {
    body: { token: string }

    answer: undefined
  }
  /** Get password, passkeys, second factors and two-step sign-in. */
  getFactors: {
    answer: Factors
  }
  /** Begin adding or replacing an authenticator app. */
  offerTotp: {
    answer: TotpOffer
  }
  /** Add or replace an authenticator app with a code of it. */
  addTotp: {
    body: { ticket: string; code: string; two_step?: boolean; end_other_sessions?: boolean }

    answer: TotpAdded
  }
  /** Remove the authenticator app. */
  removeTotp: {
    answer: undefined
  }
  /** Make new recovery codes. */
  makeRecoveryCodes: {
    answer: RecoveryCodes
  }
  /** Turn two-step sign-in on or off. */
  setTwoStep: {
    body: { enabled: boolean }

    answer: TwoStepSet
  }
  /** Finish a sign-in with a second factor. */
  proveSecondFactor: {
    body: {
      mfa_token: string
      totp?: string
      recovery_code?: string
      credential?: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          authenticatorData: string
          signature: string
          userHandle?: string | null
          [name: string]: unknown
        }
        [name: string]: unknown
      }
      session_mode?: 'token' | 'cookie'
    }

    answer: SignIn
  }
  /** Mail the code for adding a second factor during a sign-in. */
  mailEnrolmentCode: {
    body: { enrolment_token: string }

    answer: Message
  }
  /** Begin adding an authenticator app without a session. */
  offerFirstTotp: {
    body: { enrolment_token: string }

    answer: TotpOffer
  }
  /** Add an authenticator app without a session. */
  addFirstTotp: {
    body: {
      enrolment_token: string
      ticket: string
      code: string
      mail_code?: string
      session_mode?: 'token' | 'cookie'
    }

    answer: SignIn | TotpAdded
  }
  /** Begin adding a passkey or a security key without a session. */
  offerPasskeyEnrolment: {
    body: { enrolment_token: string; kind?: 'passkey' | 'security_key' }

    answer: PasskeyOffer
  }
  /** Add a passkey or a security key without a session. */
  enrolPasskey: {
    body: {
      enrolment_token: string
      ticket: string
      credential: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          attestationObject: string
          transports?: readonly string[]
          [name: string]: unknown
        }
        clientExtensionResults?: { credProps?: { rk?: boolean; [name: string]: unknown }; [name: string]: unknown }
        [name: string]: unknown
      }
      name?: string
      mail_code?: string
      session_mode?: 'token' | 'cookie'
    }

    answer: SignIn | PasskeyAdded
  }
  /** Check where an application wants a person sent back. */
  checkReturn: {
    query: { return_to: string; code_challenge: string; state?: string; code_challenge_method: string }
    answer: ReturnCheck
  }
  /** Return to an application with a code. */
  returnToApplication: {
    body: {
      return_to: string
      code_challenge: string
      state?: string
      code_challenge_method: 'S256'
      refresh_token?: string
    }

    answer: ReturnLocation
  }
  /** Request a mail that signs in. */
  requestSignInCode: {
    body: { email: string; previous?: string }

    answer: MailSignIn
  }
  /** Sign in with a mailed code or link. */
  confirmSignInCode: {
    body: { request: string; code?: string; token?: string; session_mode?: 'token' | 'cookie' }

    answer: SignIn | SecondFactorAsked | EnrolmentAsked | RestoreOffer | SignUpAsked
  }
  /** Request a mail for an account without a password. */
  requestSignUp: {
    body: {
      email: string
      full_name?: string | null
      preferences?: { [name: string]: unknown } | null
      consents?: readonly { document: string; version: string }[]
      previous?: string
    }

    answer: MailSignIn
  }
  /** Begin the first passkey of a new account. */
  offerFirstPasskey: {
    body: { sign_up_token: string }

    answer: PasskeyOffer
  }
  /** Create an account with a passkey. */
  signUpWithPasskey: {
    body: {
      sign_up_token: string
      ticket: string
      credential: {
        id: string
        rawId: string
        type: 'public-key'
        response: {
          clientDataJSON: string
          attestationObject: string
          transports?: readonly string[]
          [name: string]: unknown
        }
        clientExtensionResults?: { credProps?: { rk?: boolean; [name: string]: unknown }; [name: string]: unknown }
        [name: string]: unknown
      }
      name?: string
      session_mode?: 'token' | 'cookie'
    }

    answer: SignIn
  }
  /** List the origins that may use passkeys. */
  listRelatedOrigins: {
    answer: RelatedOrigins
  }
  /** Find the page that manages passkeys. */
  listPasskeyEndpoints: {
    answer: PasskeyEndpoints
  }
  /** List the Android applications that share passkeys. */
  listAndroidApps: {
    answer: AssetLinks
  }
  /** List the Apple applications that share passkeys. */
  listAppleApps: {
    answer: AppleApps
  }
  /** Search accounts. */
  listUsers: {
    query?: {
      email?: string
      email_domain?: string
      status?: string
      role?: string
      created_after?: string
      created_before?: string
      cursor?: string
      limit?: string
    }
    answer: UserList
  }
  /** Get an account. */
  getUser: {
    params: { id: string }
    query?: { reveal?: string; reason?: string }
    answer: ViewedUser
  }
  /** Reactivate a suspended account. */
  reactivateUser: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: Account
  }
  /** End all sessions of an account. */
  revokeSessions: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: Account
  }
  /** Require a password reset before the next sign-in. */
  requirePasswordReset: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: Account
  }
  /** Require two factors of an account. */
  requireTwoStep: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      due_at: string | null
    }
    params: { id: string }

    answer: Account
  }
  /** Restore a deleted account within its grace period. */
  restoreUser: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: Account
  }
  /** Request a reset of second factors. */
  resetFactors: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      kinds?: readonly ('totp' | 'passkeys' | 'recovery_codes')[]
    }
    params: { id: string }

    answer: FactorReset
  }
  /** Cancel a requested reset of second factors. */
  cancelFactorReset: {
    params: { id: string }
    query: { reason: string }
    answer: undefined
  }
  /** Make a token to add a second factor. */
  makeEnrolmentToken: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: EnrolmentToken
  }
  /** Suspend an account. */
  suspendUser: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      suspended_until?: string | null
    }
    params: { id: string }

    answer: Account
  }
  /** Delete an account. */
  eraseUser: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      immediate?: boolean
    }
    params: { id: string }

    answer: Account
  }
  /** Place or lift a legal hold. */
  holdUser: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      action: 'place' | 'lift'
    }
    params: { id: string }

    answer: Account
  }
  /** Set the roles of an account. */
  changeRoles: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
      roles: readonly string[]
    }
    params: { id: string }

    answer: Account
  }
  /** Get the lockout and rate limit counters of an account. */
  getLock: {
    params: { id: string }

    answer: LockList
  }
  /** Clear the lockout of an account. */
  clearLock: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      note?: string
    }
    params: { id: string }

    answer: Cleared
  }
  /** Read the audit trail. */
  listAuditEvents: {
    query?: {
      actor?: string
      subject?: string
      action?: string
      occurred_after?: string
      occurred_before?: string
      cursor?: string
      limit?: string
      reveal?: string
      reason?: string
    }
    answer: AuditPage
  }
  /** Verify the audit archive, page by page. */
  verifyArchive: {
    query?: { after?: string; limit?: string }
    answer: Verification
  }
  /** List erasures by state. */
  listErasures: {
    query?: { state?: string; cursor?: string; limit?: string }
    answer: ErasureList
  }
  /** Request a purge, or preview it. */
  runErasures: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      dry_run?: boolean
    }

    answer: ErasureRun
  }
  /** Get the signed receipt of an erasure. */
  getReceipt: {
    params: { user_id: string }

    answer: Receipt
  }
  /** Get the proof of an erasure. */
  getErasureProof: {
    params: { user_id: string }

    answer: string
  }
  /** Get service statistics. */
  getStats: {
    answer: Stats
  }
  /** Get the usage of each root key and the progress of a rotation. */
  getKeyProgress: {
    answer: KeyProgress
  }
  /** Start a user import. */
  startImport: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
    }

    answer: Import
  }
  /** Import a group of users. */
  importUsers: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      first_line: number
      users: readonly {
        email: string
        is_verified?: boolean
        created_at?: string | null
        password_hash?: string | null
        full_name?: string | null
        phone_number?: string | null
        avatar_url?: string | null
        bio?: string | null
        preferences?: { [name: string]: unknown } | null
        status?: 'active' | 'suspended' | 'deleted'
        suspended_at?: string | null
        suspended_until?: string | null
        password_reset_required?: boolean
        deleted_at?: string | null
        purge_after?: string | null
        erasure_basis?: 'user_request' | 'operator_request' | null
        legal_hold?: { reason: string; placed_at: string } | null
        two_step_at?: string | null
        two_step_due_at?: string | null
        totp_secret?: string | null
      }[]
    }
    params: { id: string }

    answer: ImportedLines
  }
  /** Finish an import. */
  finishImport: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
    }
    params: { id: string }

    answer: Import
  }
  /** Get the progress and refused lines of an import. */
  getImport: {
    params: { id: string }
    query?: { cursor?: string; limit?: string }
    answer: ImportReport
  }
  /** Export users, page by page. */
  exportUsers: {
    body: {
      reason:
        | 'user_request'
        | 'support_case'
        | 'security_incident'
        | 'abuse'
        | 'legal_obligation'
        | 'legal_claim'
        | 'staff_change'
        | 'maintenance'
        | 'correction'
      with_password_hashes?: boolean
      with_factors?: boolean
      cursor?: string
      limit?: number
    }

    answer: ExportedUsers
  }
  /** Get the checkpoint of the audit log. */
  getLogCheckpoint: {
    answer: string
  }
  /** Get this OpenAPI document. */
  getDocument: {
    answer: OpenApiDocument
  }
}

/** Method, path, and whether an access token is sent; `'optional'`: if there is one. */
export const operations = {
  register: ['POST', '/api/v1/auth/register', false],
  login: ['POST', '/api/v1/auth/login', false],
  refresh: ['POST', '/api/v1/auth/refresh', false],
  logout: ['POST', '/api/v1/auth/logout', 'optional'],
  restoreAccount: ['POST', '/api/v1/auth/restore', false],
  stepUp: ['POST', '/api/v1/auth/step-up', true],
  checkSession: ['GET', '/api/v1/auth/session', true],
  requestPasswordReset: ['POST', '/api/v1/auth/reset-password', false],
  resetPassword: ['POST', '/api/v1/auth/reset-password/confirm', false],
  changePassword: ['POST', '/api/v1/users/me/password', true],
  removePassword: ['DELETE', '/api/v1/users/me/password', true],
  verifyEmail: ['POST', '/api/v1/auth/verify-email', 'optional'],
  resendVerification: ['POST', '/api/v1/auth/verify-email/resend', false],
  undoEmailChange: ['POST', '/api/v1/auth/undo-email', false],
  changeEmail: ['POST', '/api/v1/users/me/email', true],
  startSocialSignIn: ['GET', '/api/v1/auth/oauth/{provider}/start', false],
  finishSocialSignIn: ['GET', '/api/v1/auth/oauth/{provider}/callback', false],
  exchangeCode: ['POST', '/api/v1/auth/oauth/token', false],
  listIdentities: ['GET', '/api/v1/users/me/identities', true],
  linkIdentity: ['POST', '/api/v1/users/me/identities', true],
  startLink: ['POST', '/api/v1/users/me/identities/{provider}/start', true],
  unlinkIdentity: ['DELETE', '/api/v1/users/me/identities/{id}', true],
  listSessions: ['GET', '/api/v1/users/me/sessions', true],
  endOtherSessions: ['DELETE', '/api/v1/users/me/sessions', true],
  endSession: ['DELETE', '/api/v1/users/me/sessions/{id}', true],
  getMe: ['GET', '/api/v1/users/me', true],
  deleteMe: ['DELETE', '/api/v1/users/me', true],
  putMe: ['PUT', '/api/v1/users/me', true],
  updateMe: ['PATCH', '/api/v1/users/me', true],
  listActivity: ['GET', '/api/v1/users/me/activity', true],
  getActivityProof: ['GET', '/api/v1/users/me/activity/{id}/proof', true],
  listConsents: ['GET', '/api/v1/users/me/consents', true],
  decideConsent: ['PUT', '/api/v1/users/me/consents/{document}', true],
  requestExport: ['POST', '/api/v1/users/me/export', true],
  getExport: ['GET', '/api/v1/users/me/export/{id}', true],
  downloadExport: ['GET', '/api/v1/users/me/export/{id}/download', true],
  getKeys: ['GET', '/.well-known/jwks.json', false],
  getCheckpoint: ['GET', '/.well-known/audit-checkpoint', false],
  getIssuer: ['GET', '/.well-known/openid-configuration', false],
  getReadiness: ['GET', '/readyz', false],
  findPasswordPage: ['GET', '/.well-known/change-password', false],
  keepFactors: ['POST', '/api/v1/auth/keep-factors', false],
  keepOwnFactors: ['DELETE', '/api/v1/users/me/factor-reset', true],
  offerPasskeySignIn: ['POST', '/api/v1/auth/passkey/options', false],
  signInWithPasskey: ['POST', '/api/v1/auth/passkey', false],
  offerPasskeyStepUp: ['POST', '/api/v1/auth/step-up/options', true],
  offerPasskey: ['POST', '/api/v1/users/me/passkeys/options', true],
  addPasskey: ['POST', '/api/v1/users/me/passkeys', true],
  renamePasskey: ['PATCH', '/api/v1/users/me/passkeys/{id}', true],
  removePasskey: ['DELETE', '/api/v1/users/me/passkeys/{id}', true],
  undoPasskey: ['POST', '/api/v1/auth/undo-passkey', false],
  getFactors: ['GET', '/api/v1/users/me/factors', true],
  offerTotp: ['POST', '/api/v1/users/me/totp/options', true],
  addTotp: ['POST', '/api/v1/users/me/totp', true],
  removeTotp: ['DELETE', '/api/v1/users/me/totp', true],
  makeRecoveryCodes: ['POST', '/api/v1/users/me/recovery-codes', true],
  setTwoStep: ['PUT', '/api/v1/users/me/two-step', true],
  proveSecondFactor: ['POST', '/api/v1/auth/mfa', false],
  mailEnrolmentCode: ['POST', '/api/v1/auth/enrol/mail', false],
  offerFirstTotp: ['POST', '/api/v1/auth/enrol/totp/options', false],
  addFirstTotp: ['POST', '/api/v1/auth/enrol/totp', false],
  offerPasskeyEnrolment: ['POST', '/api/v1/auth/enrol/passkeys/options', false],
  enrolPasskey: ['POST', '/api/v1/auth/enrol/passkeys', false],
  checkReturn: ['GET', '/api/v1/auth/return', false],
  returnToApplication: ['POST', '/api/v1/auth/return', true],
  requestSignInCode: ['POST', '/api/v1/auth/email', false],
  confirmSignInCode: ['POST', '/api/v1/auth/email/confirm', false],
  requestSignUp: ['POST', '/api/v1/auth/sign-up', false],
  offerFirstPasskey: ['POST', '/api/v1/auth/sign-up/passkey/options', false],
  signUpWithPasskey: ['POST', '/api/v1/auth/sign-up/passkey', false],
  listRelatedOrigins: ['GET', '/.well-known/webauthn', false],
  listPasskeyEndpoints: ['GET', '/.well-known/passkey-endpoints', false],
  listAndroidApps: ['GET', '/.well-known/assetlinks.json', false],
  listAppleApps: ['GET', '/.well-known/apple-app-site-association', false],
  listUsers: ['GET', '/api/v1/admin/users', true],
  getUser: ['GET', '/api/v1/admin/users/{id}', true],
  reactivateUser: ['POST', '/api/v1/admin/users/{id}/reactivate', true],
  revokeSessions: ['POST', '/api/v1/admin/users/{id}/revoke-sessions', true],
  requirePasswordReset: ['POST', '/api/v1/admin/users/{id}/require-password-reset', true],
  requireTwoStep: ['POST', '/api/v1/admin/users/{id}/require-two-step', true],
  restoreUser: ['POST', '/api/v1/admin/users/{id}/restore', true],
  resetFactors: ['POST', '/api/v1/admin/users/{id}/reset-factors', true],
  cancelFactorReset: ['DELETE', '/api/v1/admin/users/{id}/reset-factors', true],
  makeEnrolmentToken: ['POST', '/api/v1/admin/users/{id}/enrolment-token', true],
  suspendUser: ['POST', '/api/v1/admin/users/{id}/suspend', true],
  eraseUser: ['POST', '/api/v1/admin/users/{id}/erase', true],
  holdUser: ['POST', '/api/v1/admin/users/{id}/legal-hold', true],
  changeRoles: ['PUT', '/api/v1/admin/users/{id}/roles', true],
  getLock: ['GET', '/api/v1/admin/users/{id}/lock', true],
  clearLock: ['POST', '/api/v1/admin/users/{id}/clear-lock', true],
  listAuditEvents: ['GET', '/api/v1/admin/audit', true],
  verifyArchive: ['GET', '/api/v1/admin/audit/verify', true],
  listErasures: ['GET', '/api/v1/admin/erasures', true],
  runErasures: ['POST', '/api/v1/admin/erasures/run', true],
  getReceipt: ['GET', '/api/v1/admin/erasures/{user_id}/receipt', true],
  getErasureProof: ['GET', '/api/v1/admin/erasures/{user_id}/proof', true],
  getStats: ['GET', '/api/v1/admin/stats', true],
  getKeyProgress: ['GET', '/api/v1/admin/keys', true],
  startImport: ['POST', '/api/v1/admin/imports', true],
  importUsers: ['POST', '/api/v1/admin/imports/{id}/users', true],
  finishImport: ['POST', '/api/v1/admin/imports/{id}/finish', true],
  getImport: ['GET', '/api/v1/admin/imports/{id}', true],
  exportUsers: ['POST', '/api/v1/admin/user-export', true],
  getLogCheckpoint: ['GET', '/audit/log/checkpoint', false],
  getDocument: ['GET', '/openapi.json', false],
} as const satisfies Record<keyof Operations, readonly [string, string, boolean | 'optional']>
