import type { Actor, Outcome } from './audit-event.ts'

/**
 * The parts of an event that its seal covers. `pii_enc` is not one of them: it is not archived, its
 * ciphertext is bound to its owner, and it may expire without a new seal.
 */
export interface SealedEvent {
  /** UUID v7. */
  readonly id: string
  /** Unix milliseconds. */
  readonly occurred_at: number
  readonly action: string
  readonly outcome: Outcome
  readonly actor_type: Actor['type']
  readonly actor_id: string | null
  readonly subject_id: string | null
  readonly request_id: string
  /** JSON text: codes and counts. */
  readonly detail: string | null
  /** An operator's note, encrypted under the data key of the person that it is about. */
  readonly note_enc: string | null
}

/**
 * A part of an event that only the database knows when the event is recorded, because it is an SQL
 * expression. The seal of the row does not cover it. The order is that of the letters in a seal.
 */
export const databaseParts = ['actor', 'subject', 'outcome', 'detail'] as const
export type DatabasePart = (typeof databaseParts)[number]

/** An event with its seal: a row of `audit_events`, or a message of the queue. */
export interface EventWithSeal extends SealedEvent {
  /** Null in events of releases before 0.3.0. */
  readonly seal: string | null
}

/** An event that a statement records, as the Worker made it. Parts that only the database knows are null. */
export interface MadeEvent {
  readonly event: SealedEvent
  readonly fromDatabase: readonly DatabasePart[]
  /** The database decides whether the event names this subject or none. It cannot choose another one. */
  readonly mayLackSubject?: true
}

/**
 * Makes the seal of an event.
 * @param fromDatabase the parts that the seal does not cover
 */
export type SealEvent = (event: SealedEvent, fromDatabase?: readonly DatabasePart[]) => string
