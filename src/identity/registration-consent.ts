import type { SQL } from 'drizzle-orm'
import type { NewConsent } from '../core/consent.ts'
import { newTimeOrderedId, type UserId } from '../core/ids.ts'
import type { Step } from '../storage/database/batch.ts'
import { insertConsent } from '../storage/database/consent-row.ts'
import type { EventCiphertext } from '../storage/database/event-details.ts'
import type { Recorder } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'

interface ConsentAtRegistration {
  readonly userId: UserId
  readonly consent: NewConsent
  /** From `encryptClient`, for this decision alone. */
  readonly pii: EventCiphertext | undefined
  readonly isInserted: SQL
}

/** Stores a consent decision that was sent with a registration. */
export function recordConsent(ctx: Recorder, { userId, consent, pii, isInserted }: ConsentAtRegistration): Step {
  const id = newTimeOrderedId(ctx.now)
  const detail = { consent_id: id, decision: consent.decision, source: consent.source }
  return recorded(
    ctx,
    insertConsent({ id, userId, consent, now: ctx.now, onlyIf: isInserted }),
    { action: 'consent.decided', outcome: 'success', subjectId: userId, detail },
    { pii },
  )
}
