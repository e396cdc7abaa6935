import type { SQL } from 'drizzle-orm'
import type { NewConsent } from '../core/consent.ts'
import { newTimeOrderedId, type UserId } from '../core/ids.ts'
import { insertConsent } from '../storage/database/consent-row.ts'
import { previousChangedARow, type Recorder, recordEvent } from '../storage/outbox.ts'

interface ConsentAtRegistration {
  readonly userId: UserId
  readonly consent: NewConsent
  readonly pii: string | undefined
  readonly isInserted: SQL
}

/** Statements that keep a decision that came along with a registration. */
export function recordConsent(ctx: Recorder, { userId, consent, pii, isInserted }: ConsentAtRegistration): SQL[] {
  const id = newTimeOrderedId(ctx.now)
  const detail = { consent_id: id, decision: consent.decision, source: consent.source }
  return [
    insertConsent({ id, userId, consent, now: ctx.now, onlyIf: isInserted }),
    recordEvent(
      ctx,
      { action: 'consent.decided', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: previousChangedARow },
    ),
  ]
}
