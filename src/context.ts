import type { Actor } from './core/audit-event.ts'
import type { IdempotencyKey } from './core/idempotency-key.ts'
import type { IdentityProviders } from './core/identity-provider.ts'
import type { MailTransport } from './core/mail.ts'
import type { Metrics } from './core/observation.ts'
import type {
  Archive,
  ErasureMarkers,
  ExportStore,
  FindUnreachableStores,
  KeyRotation,
  KeyVault,
  RateLimiter,
  RequestFacts,
  SendEvents,
  SendMailJobs,
  SessionCache,
  VaultMirror,
} from './core/ports.ts'
import type { ServerTiming } from './core/server-timing.ts'
import type { Settings } from './core/settings.ts'
import type { TokenAuthority } from './crypto/access-token.ts'
import type { KeyRing } from './crypto/key-ring.ts'
import type { Passwords } from './crypto/passwords/queued-passwords.ts'
import type { ReceiptSigner } from './crypto/receipt-key.ts'
import type { Database } from './storage/database/database.ts'

/**
 * Everything a verb may ask for; each verb picks what it needs, so its signature is the list of its
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
  /** Undefined unless an operator has bound a second bucket. */
  readonly vaultMirror: VaultMirror | undefined
  readonly sessions: SessionCache
  readonly limiter: RateLimiter
  readonly archive: Archive
  readonly exportStore: ExportStore
  readonly erasureMarkers: ErasureMarkers
  /** Sends by itself: for the sweep and the replay, which must know whether it worked. */
  readonly sendEvents: SendEvents
  /** Sends together with other requests; does not say what became of the events. */
  readonly sendGathered: SendEvents
  readonly sendMailJobs: SendMailJobs
  readonly mail: MailTransport
  readonly receipts: ReceiptSigner
  readonly findUnreachableStores: FindUnreachableStores
  readonly metrics: Metrics
  readonly actor: Actor
  /**
   * Of a request that came with an `Idempotency-Key`: its verb keeps the outcome in the batch that commits
   * it.
   */
  readonly claim?: IdempotencyKey
}

/** What a verb takes that changes something and records who did it, and from where. */
export type Recording = Pick<Context, 'db' | 'outbox' | 'actor' | 'requestId' | 'now' | 'client'>

/**
 * What a verb takes that opens an account or gives its owner a new way in: keys, settings, and work behind
 * the answer.
 */
export type AccountWriting = Recording & Pick<Context, 'settings' | 'ring' | 'vault' | 'defer'>

/** What counting a request takes. */
export type Limiting = AccountWriting & Pick<Context, 'limiter'>

/** What handing out tokens of a session takes, and telling the edge of it. */
export type TokenIssuing = Pick<Context, 'tokens' | 'ring' | 'settings' | 'sessions' | 'now' | 'defer'>

/**
 * What sending an ordered mail takes: its row, its reader's key and address, the links that it gets, and a
 * transport.
 */
export type Mailing = Pick<Context, 'db' | 'vault' | 'ring' | 'settings' | 'mail' | 'now'>

/** A context and the D1 bookmark that its reads and writes have reached. */
export interface OpenContext {
  readonly ctx: Context
  readonly bookmark: () => string | null
  /** Where `SERVER_TIMING` is on. */
  readonly phases?: ServerTiming
}
