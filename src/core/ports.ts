import type { ClientDetails } from './client.ts'
import type { ForAll } from './for-all.ts'
import type { SessionId, UserId } from './ids.ts'
import type { KeyOwner } from './key-owner.ts'
import type { Locale } from './mail.ts'
import type { BurstLimit } from './rate-limit-policies.ts'

/**
 * What the vault knows about a key. `destroyed` is the vault's own word that it does not exist; `unavailable`
 * means that no store answered. The two must never be confused: one is an erased person, the other a bad
 * minute.
 */
export type DataKeyLookup =
  | { readonly kind: 'found'; readonly key: CryptoKey }
  | { readonly kind: 'destroyed' }
  | {
      readonly kind: 'unavailable'
      /** Version of the root key that the operator has taken away too early. */
      readonly missingRootKey?: number
    }

export interface KeyPage {
  readonly owners: readonly KeyOwner[]
  /** Undefined on the last page. */
  readonly cursor: string | undefined
}

/** Data keys: AES-256-GCM, one per user, wrapped by the root key, destroyed to erase. */
export interface KeyVault {
  /** Creates the user's key; the user must not have one. @throws AppError `unavailable` */
  create(userId: UserId): Promise<CryptoKey>
  /** Never throws. May serve a key up to an hour after its destruction. */
  find(owner: KeyOwner): Promise<DataKeyLookup>
  /** The month's system key, created on first use. Never throws. */
  system(nowMs: number): Promise<DataKeyLookup>
  /** Removes keys from the vault and the cache, at most 1,000. Idempotent. @throws AppError `unavailable` */
  destroy(owners: readonly KeyOwner[]): Promise<void>
  /** One page of owners whose keys were created before a time. @throws TimeLimitError */
  list(createdBeforeMs: number, cursor: string | undefined): Promise<KeyPage>
}

/** One page of a rotation. */
export interface RewrappedPage {
  /** Owner of the last key that was looked at; undefined after the last page. */
  readonly cursor: KeyOwner | undefined
  /**
   * `version_<n>`: keys under each root key version when the page was done; `rewrapped`; `unreadable`:
   * spoiled.
   */
  readonly counts: Readonly<Record<string, number>>
}

/** Moves wrapped keys to the newest root key. */
export interface KeyRotation {
  /**
   * One page, which may be repeated. A key that is destroyed meanwhile stays destroyed.
   * @param limit old wraps that it opens at most, each with up to five calls to other services.
   * @throws TimeLimitError
   */
  rewrapPage(after: KeyOwner | undefined, limit: number, forAll: ForAll): Promise<RewrappedPage>
}

/** What the vault and its mirror hold under one prefix, page by page, by path. */
export interface MirrorPage {
  /** Path of the last object that was looked at; undefined after the last page. */
  readonly cursor: string | undefined
  readonly same: number
  readonly onlyInVault: readonly string[]
  readonly onlyInMirror: readonly string[]
  /** In both, as other bytes. */
  readonly differing: readonly string[]
}

/** Keys and erasure markers in a second bucket, for the day that the vault is lost. @throws TimeLimitError */
export interface VaultMirror {
  /**
   * Compares the next objects of both buckets, without opening any. Two calls.
   * @param limit differences at which the page ends
   */
  compare(prefix: 'erased/' | 'keys/', after: string | undefined, limit: number): Promise<MirrorPage>
  /**
   * Copies an object of the vault into the mirror. One that is deleted meanwhile is not in the mirror
   * afterwards.
   */
  copy(path: string): Promise<void>
  /**
   * Brings a wrap in the mirror up to date.
   * @returns false, changing nothing, when the two hold different keys
   */
  refresh(owner: KeyOwner): Promise<boolean>
  /** Removes from the mirror alone. */
  drop(owners: readonly KeyOwner[]): Promise<void>
  /**
   * Copies an object of the mirror into the vault, which must not have it; not the key of someone who was
   * erased.
   */
  restore(path: string): Promise<boolean>
}

/** What the edge may answer about a session without the database, for at most 60 s. */
export interface SessionSnapshot {
  readonly userId: UserId
  readonly roles: readonly string[]
  readonly amr: readonly string[]
  readonly authTimeMs: number
  readonly expiresAtMs: number
}

/** Snapshots in KV. It may only ever shorten what the database granted. No method throws. */
export interface SessionCache {
  /** `revoked` wins over a snapshot; `unknown` (a miss, or KV down) means: ask the database. */
  find(id: SessionId): Promise<SessionSnapshot | 'revoked' | 'unknown'>
  remember(id: SessionId, snapshot: SessionSnapshot): Promise<void>
  revoke(id: SessionId): Promise<void>
}

/** A counter that has passed its quota, by its key, and when its window ends. */
export interface Block {
  readonly key: string
  /** Unix milliseconds. */
  readonly untilMs: number
}

/**
 * What is known of blocks without the database, which alone counts. It can only refuse sooner. No method
 * throws.
 */
export interface RateLimiter {
  /** Asks the burst shield of this location; a shield that does not answer lets pass. */
  passesBurstLimit(burstLimit: BurstLimit, key: string): Promise<boolean>
  /** What this isolate knows, for up to a minute. No I/O. */
  recall(keys: readonly string[]): Block | undefined
  /** Asks KV, which may lag 60 s. */
  find(keys: readonly string[]): Promise<Block | undefined>
  /** In this isolate. */
  remember(block: Block): void
  /** To all locations. */
  publish(block: Block): Promise<void>
  /** Elsewhere a verdict may be served for another two minutes. */
  forget(keys: readonly string[]): Promise<void>
}

/** An outbox with nothing in it. */
export const newOutbox = (): Outbox => ({
  hasEvents: false,
  unanswered: 0,
  events: new Map(),
  unfinished: [],
  mailJobs: new Set(),
})

/** What every verb knows about the request it serves. */
export interface RequestFacts {
  readonly requestId: string
  /** Unix time in milliseconds, read once for the whole request. */
  readonly now: number
  readonly client: ClientDetails
  /** What the client asked to be spoken to in; the profile's own wish comes before it. */
  readonly locale: Locale | null
  /** Lets work finish after the answer; the work handles its own errors. */
  readonly defer: (work: Promise<unknown>) => void
  readonly outbox: Outbox
}

export type Store = 'database' | 'kv' | 'vault'

/** Asks each store one cheap question; @returns those that did not answer. Never throws. */
export type FindUnreachableStores = () => Promise<Store[]>

/**
 * The append-only store of the audit trail. Names are paths; nothing is ever overwritten.
 * @throws TimeLimitError
 */
export interface Archive {
  /** @returns false when there is something under that name already */
  create(path: string, text: string): Promise<boolean>
  read(path: string): Promise<string | undefined>
  /** As it lies there: decoding would hide some changes. */
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** Names under a prefix, sorted. */
  list(prefix: string): Promise<string[]>
}

/** Export bundles in the vault, encrypted before they come here. @throws TimeLimitError */
export interface ExportStore {
  put(userId: UserId, exportId: string, sealed: string): Promise<void>
  find(userId: UserId, exportId: string): Promise<string | undefined>
  delete(bundles: readonly { readonly userId: UserId; readonly exportId: string }[]): Promise<void>
}

/**
 * Marks in the vault of who has been erased; they survive a restore of the database.
 * @throws TimeLimitError
 */
export interface ErasureMarkers {
  mark(userId: UserId, nowMs: number): Promise<void>
  /** Which of these users are marked. @param userIds at most 100 */
  find(userIds: readonly UserId[]): Promise<readonly UserId[]>
  /** One page of marked users. */
  list(cursor: string | undefined): Promise<{ readonly userIds: UserId[]; readonly cursor: string | undefined }>
}

/** What this request has recorded, to be sent to the archive once the answer is out. */
export interface Outbox {
  hasEvents: boolean
  /**
   * Statements that record an event and that the database has not answered: what became of them is not known.
   */
  unanswered: number
  /** Events as the database says it has taken them, by their ids. */
  readonly events: Map<string, object>
  /** Work on recorded events that must be done before they are sent. */
  readonly unfinished: Promise<unknown>[]
  /** Ids of the mail jobs that the database has taken. */
  readonly mailJobs: Set<string>
}

/** Tells the queue which mails are to be sent. @throws when the queue does not take them */
export type SendMailJobs = (ids: readonly string[]) => Promise<void>

/** Hands events to the queue that archives them. @throws when the queue does not take them */
export type SendEvents = (events: readonly object[]) => Promise<void>
