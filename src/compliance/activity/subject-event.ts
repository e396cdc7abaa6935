import type { UserId } from '../../core/ids.ts'
import type { KeyOwner } from '../../core/key-owner.ts'
import { rfc3339 } from '../../core/time.ts'
import { CiphertextError } from '../../crypto/field-cipher.ts'
import { decryptDetails, type SealedDetails } from '../../storage/outbox.ts'

/** An event as `audit_events` and the archive keep it. */
export interface StoredEvent {
  /** UUID v7. */
  readonly id: string
  readonly occurred_at: number
  readonly action: string
  readonly outcome: 'success' | 'failure'
  readonly actor_type: 'anonymous' | 'user' | 'system'
  readonly actor_id: string | null
  readonly detail: string | null
  readonly pii_enc: string | null
}

/** An event as the person it is about sees it. */
export interface SubjectEvent {
  readonly id: string
  /** RFC 3339. */
  readonly occurred_at: string
  readonly action: string
  readonly outcome: 'success' | 'failure'
  readonly by: 'you' | 'operator' | 'service' | 'unknown'
  readonly ip: string | null
  readonly user_agent: string | null
  readonly city: string | null
  readonly country: string | null
  readonly detail: unknown
}

/** Decrypts an event for its subject. An operator's device and session are the operator's and stay hidden. */
export async function showToSubject(key: CryptoKey, subject: UserId, event: StoredEvent): Promise<SubjectEvent> {
  const by = actorOf(subject, event)
  const client = by === 'operator' ? {} : await readDetails(key, subject, event.pii_enc)
  return {
    id: event.id,
    occurred_at: rfc3339(event.occurred_at),
    action: event.action,
    outcome: event.outcome,
    by,
    ip: client.ip ?? null,
    user_agent: client.user_agent ?? null,
    city: client.city ?? null,
    country: client.country ?? null,
    detail: event.detail === null ? null : withoutOperatorSession(JSON.parse(event.detail)),
  }
}

function withoutOperatorSession({ operator_session_id: _, ...detail }: Readonly<Record<string, unknown>>) {
  return detail
}

function actorOf(subject: UserId, { actor_type, actor_id }: StoredEvent): SubjectEvent['by'] {
  if (actor_type === 'system') return 'service'
  if (actor_type === 'anonymous') return 'unknown'
  return actor_id === subject ? 'you' : 'operator'
}

/** What an event keeps under its subject's key. One that does not open must not hide all the others: it gives nothing. */
export async function readDetails(key: CryptoKey, owner: KeyOwner, sealed: string | null): Promise<SealedDetails> {
  if (sealed === null) return {}
  try {
    return await decryptDetails(key, owner, sealed)
  } catch (error) {
    if (error instanceof CiphertextError) return {}
    throw error
  }
}
