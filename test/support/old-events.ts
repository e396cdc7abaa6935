import { env } from 'cloudflare:workers'
import { bundleActivity } from '../../src/compliance/activity/bundle-activity.ts'
import type { Context } from '../../src/context.ts'
import { together } from '../../src/core/for-all.ts'
import { timePrefix } from '../../src/core/ids.ts'
import { createSealEvent } from '../../src/crypto/event-seal.ts'
import { jobContext } from './job-context.ts'

export const DAY_MS = 86_400_000

interface OldEvents {
  readonly count: number
  readonly fromMs: number
  readonly everyMs?: number
  readonly isSealed?: boolean
}

/** A person's archived events of the past, one every `everyMs`, oldest first. @returns their ids */
export async function giveOldEvents(
  { id: userId }: { readonly id: string },
  { count, fromMs, everyMs = 60_000, isSealed = true }: OldEvents,
): Promise<string[]> {
  const seal = createSealEvent((await jobContext()).ring)
  const events = Array.from({ length: count }, (_, n) => {
    const at = fromMs + n * everyMs
    const event = {
      id: `${timePrefix(at)}-7${crypto.randomUUID().slice(15)}`,
      occurred_at: at,
      action: 'user.signed_in',
      outcome: 'success',
      actor_type: 'user',
      actor_id: userId,
      subject_id: userId,
      request_id: 'request',
      detail: '{"n":1}',
      note_enc: null,
    } as const
    return { ...event, seal: isSealed ? seal(event) : null }
  })
  await env.DB.prepare(
    `INSERT INTO audit_events
       (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, seal, archived_at)
     SELECT value ->> 'id', value ->> 'occurred_at', value ->> 'action', 'success', 'user', ?1, ?1, 'request',
       value ->> 'detail', value ->> 'seal', 1
     FROM json_each(?2)`,
  )
    .bind(userId, JSON.stringify(events))
    .run()
  return events.map(({ id }) => id)
}

/** Runs the job to its end. @returns how many events were moved */
export async function bundleAll(given?: Context): Promise<number> {
  const ctx = given ?? (await jobContext())
  let bundled = 0
  let cursor: string | undefined
  for (let page = 0; page < 100; page++) {
    const { next, counts } = await bundleActivity(ctx, cursor, together)
    bundled += counts.bundled
    if (next === 'done') return bundled
    cursor = next
  }
  throw new Error('the job does not end')
}
