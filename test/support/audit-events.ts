import { env } from 'cloudflare:workers'
import { timePrefix } from '../../src/core/ids.ts'
import type { EventWithSeal, SealedEvent } from '../../src/core/sealed-event.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { runtimeFor } from '../../src/runtime/runtime.ts'

const STARTED = Date.now()

const { ring } = await runtimeFor(env)

/** Seals an event as this service does. */
export const sealed = (known: SealedEvent): EventWithSeal => ({ ...known, seal: createSealEvent(ring)(known) })

/** The nth of a series of events, which differ only in their id, as the outbox sends it. */
export const event = (n: number): EventWithSeal => sealed(unsealed(n))

/** The same without its seal. */
export const unsealed = (n: number): SealedEvent => ({
  id: `${timePrefix(STARTED)}-7000-8000-${String(n).padStart(12, '0')}`,
  occurred_at: Date.now(),
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'anonymous',
  actor_id: null,
  subject_id: null,
  request_id: crypto.randomUUID(),
  detail: null,
  note_enc: null,
})

/** Writes events as a verb does. */
export async function record(events: readonly EventWithSeal[]): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail,
       note_enc, seal)
     SELECT value ->> 'id', value ->> 'occurred_at', value ->> 'action', value ->> 'outcome', value ->> 'actor_type',
       value ->> 'actor_id', value ->> 'subject_id', value ->> 'request_id', value ->> 'detail', value ->> 'note_enc',
       value ->> 'seal' FROM json_each(?)`,
  )
    .bind(JSON.stringify(events))
    .run()
}
