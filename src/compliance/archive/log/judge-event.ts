import type { Context } from '../../../context.ts'
import type { RejectionReason } from '../../../core/dead-letter.ts'
import { timeOfId } from '../../../core/ids.ts'
import { DAY_MS, HOUR_MS } from '../../../core/time.ts'
import { checkSeal, isPermittedLate } from '../../../crypto/event-seal.ts'
import { type EventMessage, eventMessageSchema } from '../events/event-message.ts'
import type { LineSource } from '../lines/to-lines.ts'
import type { LogStart } from './read-head.ts'

/** An event that the archive takes over. */
export interface AcceptedEvent extends LineSource {
  readonly event: LineSource['event'] & { readonly seal: string | null }
}

type ReadStart = () => Promise<LogStart>

export type Verdict =
  | { readonly kind: 'accepted'; readonly accepted: AcceptedEvent }
  | {
      readonly kind: 'refused'
      readonly reason: RejectionReason
      /** The id of the event, if its seal holds. Copies of the event are refused under one id. */
      readonly sealedId?: string
    }
  /**
   * Another isolate has the root key of the seal or of the newest segment, or the operator will put it back.
   */
  | { readonly kind: 'retry' }

/** Only an operator can archive an event that is older. A captured message is worthless afterwards. */
const OLDEST_MS = 15 * DAY_MS

/** Clocks differ by less. */
const AHEAD_MS = HOUR_MS

/**
 * Events of the release before are accepted without a seal for so long after the archive has its new format.
 */
const UNSEALED_FOR_MS = 14 * DAY_MS

/**
 * Decides whether this service wrote an event. Neither the queue nor the database is believed.
 * @param readStart reads when the archive got its present format. Called only for an event without a seal
 */
export async function judgeEvent(
  { ring, now }: Pick<Context, 'ring' | 'now'>,
  readStart: ReadStart,
  body: unknown,
): Promise<Verdict> {
  const { data } = eventMessageSchema.safeParse(body)
  if (data === undefined) return refused('malformed')
  const { late, ...event } = data
  const finding = checkSeal(ring, event)
  if (finding.state === 'unknown_version') return { kind: 'retry' }
  if (finding.state === 'distrusted') return refused('distrusted')
  if (finding.state === 'wrong') return refused('unsealed')
  const occurredAtMs = timeOfId(event.id)
  if (finding.state === 'none') {
    if (!hasOldForm(event)) return refused('unsealed')
    const start = await readStart()
    if (start === 'unknown') return { kind: 'retry' }
    if (!mayBeUnsealed(occurredAtMs, now, start)) return refused('unsealed')
  }
  const sealed = finding.state === 'sealed' && { sealedId: event.id }
  const isOld = occurredAtMs < now - OLDEST_MS
  const isLate = isOld && sealed !== false && late !== undefined && isPermittedLate(ring, event, { text: late, now })
  if (isOld && !isLate) return { ...refused('too_old'), ...sealed }
  if (occurredAtMs > now + AHEAD_MS) return { ...refused('too_new'), ...sealed }
  const fromDatabase = finding.state === 'sealed' ? finding.fromDatabase : []
  const accepted = { event, fromDatabase, isUnsealed: finding.state === 'none', ...(isLate && { isLate }) }
  return { kind: 'accepted', accepted }
}

const refused = (reason: RejectionReason) => ({ kind: 'refused', reason }) as const

/** Releases before 0.3.0 wrote no longer event, and no other time than that of the id. */
const MOST_UNSEALED = 16_384

const hasOldForm = (event: Omit<EventMessage, 'late'>): boolean =>
  Math.abs(event.occurred_at - timeOfId(event.id)) <= AHEAD_MS && JSON.stringify(event).length <= MOST_UNSEALED

const mayBeUnsealed = (occurredAtMs: number, now: number, startedAtMs: number | undefined): boolean =>
  startedAtMs === undefined || (now < startedAtMs + UNSEALED_FOR_MS && occurredAtMs <= startedAtMs + AHEAD_MS)
