import type { ClientDetails } from './client-details.ts'
import type { ForAll } from './for-all.ts'
import type { SessionId, UserId } from './ids.ts'
import type { KeyOwner } from './key-owner.ts'
import type { Locale } from './mail.ts'
import type { BurstLimit } from './rate-limit-policies.ts'
import type { EventWithSeal, MadeEvent, SealEvent } from './sealed-event.ts'

/**
 * The result of a key look-up. `destroyed`: the vault itself answered that the key does not exist, so the
 * person is erased. `unavailable`: no store answered, so a retry may succeed. The two must never be confused.
 */
export type KeyLookup<Key> =
  | { readonly kind: 'found'; readonly key: Key }
  | { readonly kind: 'destroyed' }
  | {
      readonly kind: 'unavailable'
      /**
       * Version of the root key that wraps the data key, if the operator has removed that root key too early.
       */
      readonly missingRootKey?: number
    }

/** The result of a look-up of a data key. */
export type DataKeyLookup = KeyLookup<CryptoKey>

/** What a key is for that is derived from a data key. */
export type DerivedKeyPurpose = 'pseudonym'

export interface KeyPage {
  readonly owners: readonly KeyOwner[]
  /** Undefined on the last page. */
  readonly cursor: string | undefined
}

/**
 * Store of data keys: AES-256-GCM, one per user, wrapped by the root key. Destroying a key erases its user.
 */
export interface KeyVault {
  /** Creates the key of a user who must not have one. @throws AppError `unavailable` */
  create(userId: UserId): Promise<CryptoKey>
  /** Never throws. May return a key for up to an hour after its destruction. */
  find(owner: KeyOwner): Promise<DataKeyLookup>
  /**
   * Derives 32 bytes from a data key. They are the same after a rotation of root keys, and cannot be derived
   * after the destruction of the data key. Never throws. May return a key for up to an hour after its
   * destruction.
   */
  findDerived(owner: KeyOwner, purpose: DerivedKeyPurpose): Promise<KeyLookup<Uint8Array>>
  /** Returns the system key of the current month, and creates it on first use. Never throws. */
  system(nowMs: number): Promise<DataKeyLookup>
  /** Removes up to 1,000 keys from the vault and the cache. Idempotent. @throws AppError `unavailable` */
  destroy(owners: readonly KeyOwner[]): Promise<void>
  /** Removes keys from the caches alone. Idempotent. @throws TimeLimitError */
  forget(owners: readonly KeyOwner[]): Promise<void>
  /** Returns one page of the owners of keys that were created before a time. @throws TimeLimitError */
  list(createdBeforeMs: number, cursor: string | undefined): Promise<KeyPage>
}

/** The result of one page of a key rotation. */
export interface RewrappedPage {
  /** Owner of the last key that was examined; undefined after the last page. */
  readonly cursor: KeyOwner | undefined
  /**
   * `version_<n>`: how many keys of the page each root key version now wraps. `rewrapped`: how many were
   * wrapped anew. `unreadable`: how many are damaged.
   */
  readonly counts: Readonly<Record<string, number>>
}

/** Wraps data keys anew with the newest root key. */
export interface KeyRotation {
  /**
   * Processes one page. It may be repeated. A key that is destroyed at the same time stays destroyed.
   * @param limit how many old wraps the page opens at most; each takes up to five calls to other services
   * @throws TimeLimitError
   */
  rewrapPage(after: KeyOwner | undefined, limit: number, forAll: ForAll): Promise<RewrappedPage>
}

/**
 * One page of a comparison of the vault and its mirror, under one prefix. Objects are named by their paths.
 */
export interface MirrorPage {
  /** Path of the last object that was examined; undefined after the last page. */
  readonly cursor: string | undefined
  readonly same: number
  readonly onlyInVault: readonly string[]
  readonly onlyInMirror: readonly string[]
  /** Paths that are in both buckets with different bytes. */
  readonly differing: readonly string[]
}

/**
 * A copy of keys and erasure markers in a second bucket, in case the vault is lost.
 * @throws TimeLimitError
 */
export interface VaultMirror {
  /**
   * Compares the next objects of both buckets without reading their contents. Makes two calls.
   * @param limit number of differences after which the page ends
   */
  compare(prefix: 'erased/' | 'keys/', after: string | undefined, limit: number): Promise<MirrorPage>
  /**
   * Copies an object of the vault into the mirror. An object that is deleted from the vault at the same time
   * does not remain in the mirror.
   */
  copy(path: string): Promise<void>
  /**
   * Replaces the wrapped key in the mirror by that of the vault.
   * @returns false, without a change, if the two wraps hold different keys
   */
  refresh(owner: KeyOwner): Promise<boolean>
  /** Removes keys from the mirror only. */
  drop(owners: readonly KeyOwner[]): Promise<void>
  /**
   * Copies an object of the mirror into the vault, if the vault does not have it. The key of an erased person
   * is never copied.
   * @param believe decides whether the marker of a person counts
   */
  restore(path: string, believe: BelieveMarkers): Promise<boolean>
}

/** A copy of a session in KV, from which it may be answered for at most 60 seconds without the database. */
export interface SessionSnapshot {
  readonly userId: UserId
  readonly roles: readonly string[]
  readonly amr: readonly string[]
  readonly authTimeMs: number
  readonly expiresAtMs: number
}

/**
 * Snapshots and tombstones of sessions in KV. They can only shorten a session, never extend it. No method
 * throws.
 */
export interface SessionCache {
  /**
   * `revoked` if there is a tombstone, even beside a snapshot. `unknown` if there is neither or KV does not
   * answer: read the database then.
   */
  find(id: SessionId): Promise<SessionSnapshot | 'revoked' | 'unknown'>
  remember(id: SessionId, snapshot: SessionSnapshot): Promise<void>
  revoke(id: SessionId): Promise<void>
}

/** A counter that has exceeded its quota: its key, and the end of its window. */
export interface ExceededCounter {
  readonly key: string
  /** Unix milliseconds. */
  readonly untilMs: number
}

/**
 * Burst limits, and the counters known to be over their quota without reading the database. Only the database
 * counts requests; this can only refuse one earlier. No method throws.
 */
export interface RateLimiter {
  /** Counts against the burst limit of this location. Returns true if the binding does not answer. */
  passesBurstLimit(burstLimit: BurstLimit, key: string): Promise<boolean>
  /** Finds a counter over its quota in this isolate's memory, which keeps one for up to a minute. No I/O. */
  recall(keys: readonly string[]): ExceededCounter | undefined
  /** Finds a counter over its quota in KV, which may be 60 seconds out of date. */
  find(keys: readonly string[]): Promise<ExceededCounter | undefined>
  /** Keeps the counter in this isolate's memory. */
  remember(counter: ExceededCounter): void
  /** Writes the counter to KV for all locations. */
  publish(counter: ExceededCounter): Promise<void>
  /** Removes the counters here and from KV. Other locations may remember them for up to two minutes. */
  forget(keys: readonly string[]): Promise<void>
}

/** Creates an empty outbox for mails. */
export const newMailOutbox = (): MailOutbox => ({ unfinished: [], mailJobs: new Set() })

/** Creates an empty outbox. */
export const newOutbox = (seal: SealEvent): Outbox => ({
  ...newMailOutbox(),
  seal,
  hasEvents: false,
  isSuppressed: false,
  pending: new Map(),
  events: new Map(),
})

/** The facts about a request that every verb gets. */
export interface RequestFacts {
  readonly requestId: string
  /** Unix time in milliseconds, read once for the whole request. */
  readonly now: number
  readonly client: ClientDetails
  /** The language of the request. The language that the profile sets takes precedence. */
  readonly locale: Locale | null
  /** Keeps work running after the answer. The work handles its own errors. */
  readonly defer: (work: Promise<unknown>) => void
  readonly outbox: Outbox
}

/** The facts that are known before the context of a request is opened. */
export type OpeningFacts = Omit<RequestFacts, 'outbox'>

export type Store = 'database' | 'kv' | 'vault'

/** Makes one cheap call to each store. Never throws. @returns the stores that did not answer */
export type FindUnreachableStores = () => Promise<Store[]>

/**
 * The append-only store of the audit trail. Only tiles of the tree are ever overwritten: they follow from the
 * segments.
 * @throws TimeLimitError
 */
export interface Archive {
  /** @returns false if there is already an object at that path */
  create(path: string, content: string | Uint8Array): Promise<boolean>
  /** Puts a tile in place of bytes that an attacker has put there. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  read(path: string): Promise<string | undefined>
  /** Returns the stored bytes. Decoding them to text would hide some changes. */
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** Returns the first paths under a prefix, sorted. @param limit at most 1000 */
  list(prefix: string, limit: number): Promise<string[]>
}

/** The newest checkpoint of the archive, as the vault has it. */
export interface LogMark {
  /** Compact JWS, unchecked. */
  readonly checkpoint: string
  /** Identifies this version of the object. */
  readonly etag: string
}

/**
 * What the vault holds for the archive: the key that makes the names of segments, and the newest checkpoint.
 * @throws TimeLimitError, CiphertextError, MissingRootKeyError
 */
export interface LogVault {
  /** @returns the key that makes the names of segments: 32 bytes, the same after a rotation of root keys */
  findNameKey(): Promise<Uint8Array | undefined>
  /** Creates that key, if there is none. @returns the key that the vault has */
  createNameKey(): Promise<Uint8Array>
  readMark(): Promise<LogMark | undefined>
  /**
   * Replaces the mark. Does nothing if the mark has changed since it was read, because the other writer's
   * next run corrects it.
   * @param before the mark as it was read
   */
  writeMark(checkpoint: string, before: LogMark | undefined): Promise<void>
}

/** Export bundles in the vault. The caller has encrypted them. @throws TimeLimitError */
export interface ExportStore {
  put(userId: UserId, exportId: string, sealed: string): Promise<void>
  find(userId: UserId, exportId: string): Promise<string | undefined>
  delete(bundles: readonly { readonly userId: UserId; readonly exportId: string }[]): Promise<void>
  /**
   * Deletes bundles of a person, whether or not the database knows them.
   * @param limit at most 1,000
   * @returns whether there are no more
   */
  deleteSome(userId: UserId, limit: number): Promise<boolean>
}

/** An activity bundle as the vault holds it. */
export interface StoredActivity {
  readonly sealed: string
  /** Identifies this version of the object. A replacement that names another version fails. */
  readonly etag: string
}

/**
 * The older events of each person, by period, in the vault. The caller has encrypted them.
 * @throws TimeLimitError
 */
export interface ActivityStore {
  find(userId: UserId, period: string): Promise<StoredActivity | undefined>
  /** @returns false if there is a bundle already */
  create(userId: UserId, period: string, sealed: string): Promise<boolean>
  /** @returns false if the bundle no longer has this `etag`: it was changed or deleted */
  replace(userId: UserId, period: string, sealed: string, etag: string): Promise<boolean>
  /** Names of a person's periods, sorted; at most 1,000. */
  list(userId: UserId): Promise<readonly string[]>
  /** Deletes a person's next bundles. @param limit at most 1,000 */
  deleteSome(userId: UserId, limit: number): Promise<{ readonly deleted: number; readonly isDone: boolean }>
  /** Returns one page of the users who have bundles. */
  listOwners(cursor: string | undefined): Promise<{ readonly userIds: UserId[]; readonly cursor: string | undefined }>
}

/**
 * A marker in the vault that a user was erased, unchecked: an attacker who can write the vault may have put
 * it there.
 */
export interface ErasureMarker {
  readonly userId: UserId
  /** Compact JWS. Undefined for a marker that a version before 0.3.0 wrote. */
  readonly statement: string | undefined
}

/** Finds out which of these markers a key signed that this service trusts. @returns their users */
export type BelieveMarkers = (markers: readonly ErasureMarker[]) => Promise<readonly UserId[]>

/**
 * Markers in the vault of the users that were erased. A restore of the database does not remove them.
 * @throws TimeLimitError
 */
export interface ErasureMarkers {
  /** Writes the marker, or replaces it. @param statement compact JWS */
  mark(userId: UserId, statement: string): Promise<void>
  /** Returns the markers that these users have. @param userIds at most 100 */
  find(userIds: readonly UserId[]): Promise<readonly ErasureMarker[]>
  /** Returns one page of the markers. @param limit at most 1000 */
  list(cursor: string | undefined, limit: number): Promise<MarkerPage>
}

export interface MarkerPage {
  readonly markers: readonly ErasureMarker[]
  /** Undefined on the last page. */
  readonly cursor: string | undefined
}

/** Mail jobs that a request has recorded. They are sent to their queue after the answer. */
export interface MailOutbox {
  /** Work on recorded events and mails that must finish before they are sent. */
  readonly unfinished: Promise<unknown>[]
  /** Ids of the mail jobs that the database has stored. */
  readonly mailJobs: Set<string>
}

/** Signed statements of this service in the vault, by path. @throws TimeLimitError */
export interface VaultStatements {
  /** @returns false if there is already an object at that path */
  create(path: string, text: string): Promise<boolean>
  /**
   * Creates it, or replaces the one that was read.
   * @param etag of the one that was read; undefined if there was none
   * @returns false, without a change, if another writer came first
   */
  replace(path: string, text: string, etag: string | undefined): Promise<boolean>
  /** Reads it with the `etag` that identifies this version of it. */
  readVersion(path: string): Promise<{ readonly text: string; readonly etag: string } | undefined>
  read(path: string): Promise<string | undefined>
  /** Returns the first paths under a prefix, sorted. @param limit at most 1000 */
  list(prefix: string, limit: number): Promise<string[]>
  /** @param paths at most 1000 */
  delete(paths: readonly string[]): Promise<void>
}

/** Events and mail jobs that a request has recorded. They are sent to their queues after the answer. */
export interface Outbox extends MailOutbox {
  readonly seal: SealEvent
  hasEvents: boolean
  /**
   * The database stored a change, and not the event that records it. The event is in `events` all the same.
   */
  isSuppressed: boolean
  /**
   * Events whose statement has no answer of the database, keyed by their ids. Either the statement never ran,
   * or its answer was lost.
   */
  readonly pending: Map<string, MadeEvent>
  /** The messages of the recorded events, keyed by their ids. */
  readonly events: Map<string, EventWithSeal>
}

/** One request to a service elsewhere. */
export interface OutboundRequest {
  /** https, to a public address: see `parseOutboundUrl`. */
  readonly url: string
  /** `GET` by default. */
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: BodyInit | null | undefined
  /** Milliseconds for the whole exchange, to the last byte of the answer. */
  readonly limitMs: number
  /** The largest body that is taken, in bytes after decompression. Left out, the body is dropped unread. */
  readonly maxBytes?: number
}

export interface OutboundAnswer {
  /** Of a redirect too: none is followed. */
  readonly status: number
  readonly headers: Headers
  /** Empty where no `maxBytes` was given. */
  readonly body: Uint8Array
}

/**
 * Sends a request to a service elsewhere: identity providers, the look-up of breached passwords, the mail
 * API. Follows no redirect, keeps no cookie, caches nothing, and sends no credentials but those in `headers`.
 * @throws OutboundError, and nothing else
 */
export type Outbound = (request: OutboundRequest) => Promise<OutboundAnswer>

/** Public answers that all isolates of a location share. No method throws. */
export interface AnswerCache {
  /** Returns undefined also to one of the requests that ask after the time of the answer is over. */
  find(name: string): Promise<string | undefined>
  keep(name: string, text: string, seconds: number): Promise<void>
}

/** Sends the ids of mail jobs to the mail queue. @throws when the queue does not accept them */
export type SendMailJobs = (ids: readonly string[]) => Promise<void>

/** Sends events to the queue whose consumer archives them. @throws when the queue does not accept them */
export type SendEvents = (events: readonly object[]) => Promise<void>

/** Counts the events that wait in that queue, about. Never throws. */
export type CountWaitingEvents = () => Promise<number>
