import type { ClientDetails } from '../../core/client-details.ts'
import type { UserId } from '../../core/ids.ts'
import { UnreadableJson } from '../../core/json.ts'
import type { KeyOwner } from '../../core/key-owner.ts'
import { rfc3339 } from '../../core/time.ts'
import { CiphertextError } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { decryptDetails, decryptNote, type SealedDetails } from '../../storage/database/event-details.ts'
import type { Row } from '../../storage/database/members.ts'
import { readDetail, sentEvent } from '../../storage/database/outbox-columns.ts'
import { auditEvents } from '../../storage/schema/index.ts'
import type { BundledEvent } from './activity-bundle.ts'
import type { ActivityEvent } from './activity-view.ts'
import { type UncertainPart, uncertaintyOf } from './uncertainty.ts'

/** An event as `audit_events` stores it, with its seal. */
export const storedEvent = { ...sentEvent, pii_enc: auditEvents.piiEnc } as const
export type StoredEvent = Row<typeof storedEvent>

/**
 * Decrypts an event for its subject. An operator's device and session are the operator's personal data, so
 * they stay hidden.
 */
export async function showToSubject(
  { key, ring }: SubjectKeys,
  subject: UserId,
  event: StoredEvent,
): Promise<ActivityEvent> {
  const client = actorOf(subject, event) === 'operator' ? {} : await readDetails(key, subject, event)
  return showActivity(subject, event, { client, uncertain: uncertaintyOf(ring, event) })
}

/** What opens and judges an event: the data key of its subject, and the keys of seals. */
export interface SubjectKeys {
  readonly key: CryptoKey
  readonly ring: Pick<KeyRing, 'all' | 'trusted'>
}

interface Judged {
  /** The device of the actor, empty when the subject must not see it. */
  readonly client: ClientDetails
  readonly uncertain: readonly UncertainPart[]
}

export function showActivity(
  subject: UserId,
  event: Omit<StoredEvent, 'subject_id' | 'request_id' | 'pii_enc' | 'note_enc' | 'seal'>,
  { client, uncertain }: Judged,
): ActivityEvent {
  return {
    id: event.id,
    occurred_at: rfc3339(event.occurred_at),
    action: event.action,
    outcome: event.outcome,
    by: actorOf(subject, event),
    ip: client.ip ?? null,
    user_agent: client.user_agent ?? null,
    city: client.city ?? null,
    country: client.country ?? null,
    detail: withoutOperatorSession(readDetail(event.detail)),
    uncertain: [...uncertain],
  }
}

/** An event that goes into a bundle. */
interface MovedEvent extends Omit<StoredEvent, 'seal'> {
  readonly uncertain: readonly UncertainPart[]
  /** The archive segment that has the event; null if it is not known. */
  readonly segment: number | null
}

/**
 * What a bundle keeps of an event. Network address and device are left out. The note of an operator is kept:
 * a person's own events have none.
 */
export async function toBundledEvent(key: CryptoKey, subject: UserId, event: MovedEvent): Promise<BundledEvent> {
  const by = actorOf(subject, event)
  const { note } = by === 'you' ? {} : await readDetails(key, subject, event)
  return {
    id: event.id,
    occurred_at: event.occurred_at,
    action: event.action,
    outcome: event.outcome,
    by,
    detail: withoutOperatorSession(readDetail(event.detail)),
    uncertain: [...event.uncertain],
    ...(note !== undefined && { note }),
    ...(event.segment !== null && { segment: event.segment }),
  }
}

/** Shows an event of a bundle as `showToSubject` shows one of the database. */
export const showBundled = ({
  id,
  occurred_at,
  action,
  outcome,
  by,
  detail,
  uncertain,
}: BundledEvent): ActivityEvent => ({
  id,
  occurred_at: rfc3339(occurred_at),
  action,
  outcome,
  by,
  ip: null,
  user_agent: null,
  city: null,
  country: null,
  detail,
  uncertain,
})

function withoutOperatorSession(detail: Readonly<Record<string, unknown>> | null): ActivityEvent['detail'] {
  if (detail === null) return null
  const { operator_session_id: _, ...shown } = detail
  return shown
}

function actorOf(
  subject: UserId,
  { actor_type, actor_id }: Pick<StoredEvent, 'actor_type' | 'actor_id'>,
): ActivityEvent['by'] {
  if (actor_type === 'system') return 'service'
  if (actor_type === 'anonymous') return 'unknown'
  return actor_id === subject ? 'you' : 'operator'
}

/** What an event stores encrypted. */
export type EncryptedDetails = Pick<StoredEvent, 'id' | 'pii_enc' | 'note_enc'>

/**
 * Decrypts the details that an event stores under its subject's key. Details that cannot be decrypted are
 * returned as empty, so that one damaged event does not hide all the others.
 */
export async function readDetails(
  key: CryptoKey,
  owner: KeyOwner,
  { id, pii_enc, note_enc }: EncryptedDetails,
): Promise<SealedDetails> {
  const row = { eventId: id, owner }
  const [details, note] = await Promise.all([
    pii_enc === null ? undefined : ifReadable(decryptDetails(key, row, pii_enc)),
    note_enc === null ? undefined : ifReadable(decryptNote(key, row, note_enc)),
  ])
  return { ...details, ...(note !== undefined && { note }) }
}

async function ifReadable<Value>(decrypted: Promise<Value>): Promise<Value | undefined> {
  try {
    return await decrypted
  } catch (error) {
    if (error instanceof CiphertextError || error instanceof UnreadableJson) return undefined
    throw error
  }
}
