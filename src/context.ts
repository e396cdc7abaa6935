import type { Actor } from './core/audit-event.ts'
import type { IdempotencyKey } from './core/idempotency-key.ts'
import type { IdentityProviders } from './core/identity-provider.ts'
import type { MailTransport } from './core/mail.ts'
import type { Metrics } from './core/observation.ts'
import type {
  ActivityStore,
  AnswerCache,
  Archive,
  CountWaitingEvents,
  ErasureMarkers,
  ExportStore,
  FindUnreachableStores,
  KeyRotation,
  KeyVault,
  LogVault,
  Outbound,
  RateLimiter,
  RequestFacts,
  SendEvents,
  SendMailJobs,
  SessionCache,
  VaultMirror,
  VaultStatements,
} from './core/ports.ts'
import type { ServerTiming } from './core/server-timing.ts'
import type { Settings } from './core/settings.ts'
import type { TokenAuthority } from './crypto/access-token.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import type { Passwords } from './crypto/passwords/queued-passwords.ts'
import type { ReceiptSigner } from './crypto/receipt-key.ts'
import type { Database } from './storage/database/database.ts'

/**
 * Everything that a verb may use. Each verb picks the members it needs, so that its signature lists its
 * dependencies.
 */
export interface Context extends RequestFacts {
  readonly settings: Settings
  readonly ring: KeyRing
  readonly tokens: TokenAuthority
  readonly passwords: Passwords
  readonly identityProviders: IdentityProviders
  readonly db: Database
  readonly vault: KeyVault
  readonly keyRotation: KeyRotation
  /** Undefined unless the operator has bound a second bucket. */
  readonly vaultMirror: VaultMirror | undefined
  readonly sessions: SessionCache
  readonly limiter: RateLimiter
  readonly archive: Archive
  readonly logVault: LogVault
  readonly answers: AnswerCache
  readonly exportStore: ExportStore
  readonly activityStore: ActivityStore
  readonly erasureMarkers: ErasureMarkers
  readonly vaultStatements: VaultStatements
  /**
   * Sends events in a call of its own. For `resendEvents` and the replay of dead letters, which must know
   * whether it succeeded.
   */
  readonly sendEvents: SendEvents
  /** Sends events together with those of other requests. Does not report whether it succeeded. */
  readonly sendGathered: SendEvents
  readonly countWaitingEvents: CountWaitingEvents
  readonly sendMailJobs: SendMailJobs
  readonly mail: MailTransport
  /** The only way to other services by HTTP. */
  readonly outbound: Outbound
  readonly receipts: ReceiptSigner
  readonly findUnreachableStores: FindUnreachableStores
  readonly metrics: Metrics
  readonly actor: Actor
  /**
   * The key of a request with an `Idempotency-Key`. The verb stores the outcome in the batch that commits its
   * change.
   */
  readonly idempotencyKey?: IdempotencyKey
}

/** The dependencies of a verb that changes data and records who did it, and from which device. */
export type Recording = Pick<Context, 'db' | 'outbox' | 'actor' | 'requestId' | 'now' | 'client'>

/** The dependencies of a verb that creates an account or gives its owner a new way to sign in. */
export type AccountWriting = Recording & Pick<Context, 'settings' | 'ring' | 'vault' | 'defer'>

/** The dependencies of reading the newest checkpoint of the archive. */
export type LogReading = Pick<Context, 'db' | 'archive' | 'logVault' | 'receipts' | 'settings'>

/** The dependencies of everything that appends to the archive. */
export type Archiving = LogReading & Pick<Context, 'vault' | 'now'>

/** The dependencies of continuing the Merkle tree over the archive. */
export type TreeGrowing = Archiving & Pick<Context, 'ring' | 'vaultStatements'>

/** The dependencies of a rate limit. */
export type Limiting = AccountWriting & Pick<Context, 'limiter'>

/** The dependencies of a verb that issues tokens of a session and writes its snapshot to KV. */
export type TokenIssuing = Pick<Context, 'tokens' | 'ring' | 'settings' | 'sessions' | 'now' | 'defer'>

/**
 * The dependencies of sending a mail job: its row, the data key and address of the recipient, links, and a
 * transport.
 */
export type Mailing = Pick<Context, 'db' | 'vault' | 'ring' | 'settings' | 'mail' | 'now'>

/** The dependencies of reading signed statements from the vault. */
export type StatementReading = Pick<Context, 'receipts' | 'archive' | 'settings' | 'vaultStatements'>

/** The dependencies of a job that reads and writes the sealed rows of erasures. */
export type SealedErasing = StatementReading & Pick<Context, 'db' | 'ring' | 'now'>

/** The dependencies of a pass over the erasure markers. */
export type Reopening = Pick<Context, 'db' | 'ring' | 'receipts' | 'archive' | 'settings' | 'erasureMarkers'>

/** The dependencies of a purge: every store that holds something of a person. */
export type Purging = SealedErasing & Pick<Context, 'vault' | 'activityStore' | 'erasureMarkers' | 'exportStore'>

/** The dependencies of comparing the vault with its mirror. */
export type MirrorComparing = Pick<Context, 'db' | 'vaultMirror' | 'erasureMarkers' | 'ring' | 'settings' | 'now'>

/** The dependencies of publishing the head of the audit archive. */
export type Publishing = LogReading & Pick<Context, 'ring' | 'vaultStatements' | 'answers' | 'now'>

/** The dependencies of endorsing the keys of other root key versions. */
export type Endorsing = StatementReading & Pick<Context, 'db' | 'ring' | 'now'>

/** The dependencies of asking for a time-stamp of the published checkpoint. */
export type Stamping = StatementReading & Pick<Context, 'outbound' | 'now'>

/** The dependencies of asking witnesses to cosign a checkpoint. */
export type Witnessing = Pick<Context, 'settings' | 'archive' | 'outbound' | 'db' | 'now'>

/** The dependencies of building an export, which reads every store that holds data of a person. */
export type Exporting = Pick<
  Context,
  'db' | 'vault' | 'archive' | 'activityStore' | 'exportStore' | 'ring' | 'settings'
>

/** A context, and the D1 bookmark that its reads and writes have reached. */
export interface OpenContext {
  readonly ctx: Context
  readonly bookmark: () => string | null
  /** Set if `SERVER_TIMING` is on. */
  readonly phases?: ServerTiming
}
