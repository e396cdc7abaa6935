import type { Context } from '../../../context.ts'
import { inChunks } from '../../../core/chunks.ts'
import { type UserId, userIdSchema } from '../../../core/ids.ts'
import type { KeyLookup } from '../../../core/ports.ts'
import { newNonce, newPseudonymKey, pseudonymOf } from '../../../crypto/pseudonym.ts'
import type { SentEvent } from '../../../storage/database/outbox-columns.ts'
import { replaceIds } from './replace-ids.ts'

/** An event that the archive takes over. */
export interface LineSource {
  readonly event: Omit<SentEvent, 'pii_enc'> & { readonly note_enc: string | null }
  /** Names of the parts that only the database knew. */
  readonly fromDatabase: readonly string[]
  /** The event was recorded by a version that did not seal events. */
  readonly isUnsealed: boolean
  /** An operator archived the event, although it was too old. */
  readonly isLate?: boolean
}

/** One event in an archive segment. The members are in the order of the line. */
export interface EventLine {
  readonly id: string
  /** Unix milliseconds. */
  readonly occurred_at: number
  readonly action: string
  readonly outcome: SentEvent['outcome']
  readonly actor_type: SentEvent['actor_type']
  /** Pseudonym. */
  readonly actor_id: string | null
  /** Pseudonym. */
  readonly subject_id: string | null
  /**
   * The same for the events of one request about one person in one segment, and compares with nothing else. A
   * request or a run of a job may concern many persons, who must not be found by each other.
   */
  readonly request_id: string
  /** JSON text: codes, counts and pseudonyms. */
  readonly detail: string | null
  /** An operator's note under the subject's data key. */
  readonly note_enc: string | null
  /** 128 random bits, base64url, so that a hash of the line does not reveal the line. */
  readonly nonce: string
  readonly from_database?: readonly string[]
  readonly unsealed?: true
  readonly late?: true
}

/**
 * Makes the lines of one segment. Each id of a person becomes a pseudonym under a key that is derived from
 * that person's data key, so the archive holds no id that an application stores, and a destroyed key makes
 * the pseudonyms of its person meaningless. Ids of a person whose key is destroyed become random values.
 *
 * Reads each person's key once: at most two calls to stores a person, six persons at a time.
 * @param accepted at most 200 events, so that 400 persons take at most 800 calls
 * @returns the lines in the order of the events, and in `retry` the events for which a key could not be read
 */
export async function toLines<Source extends LineSource>(
  { vault }: Pick<Context, 'vault'>,
  accepted: readonly Source[],
): Promise<{ readonly lines: EventLine[]; readonly retry: Source[] }> {
  const persons = [...new Set(accepted.flatMap(({ event }) => [event.subject_id, event.actor_id]))].filter(isUserId)
  const lookUps = await inChunks(persons, async (id) => [id, await vault.findDerived(id, 'pseudonym')] as const)
  const keys: Keys = new Map(lookUps)
  // These bits are not kept, so an id of a request in a log cannot be compared with a line.
  const requestKey = newPseudonymKey()
  const lines: EventLine[] = []
  const retry: Source[] = []
  for (const source of accepted) {
    const line = toLine(source, keys, requestKey)
    if (line === undefined) retry.push(source)
    else lines.push(line)
  }
  return { lines, retry }
}

type Keys = ReadonlyMap<string, KeyLookup<Uint8Array>>

const isUserId = (id: string | null): id is UserId => userIdSchema.safeParse(id).success

/** @returns undefined if a key could not be read */
function toLine(source: LineSource, keys: Keys, requestKey: Uint8Array): EventLine | undefined {
  const { event, fromDatabase, isUnsealed, isLate } = source
  const [subject, actor] = [event.subject_id, event.actor_id].map((id) => keys.get(id ?? ''))
  if (subject?.kind === 'unavailable' || actor?.kind === 'unavailable') return undefined
  // An event without subject or actor, or with an id that is not a user's, has no key either. One random key
  // for the event keeps equal ids equal within it.
  const random = newPseudonymKey()
  const ids = replaceIds(event, { subject: keyOf(subject) ?? random, actor: keyOf(actor) ?? random })
  return {
    id: event.id,
    occurred_at: event.occurred_at,
    action: event.action,
    outcome: event.outcome,
    actor_type: event.actor_type,
    actor_id: ids.actor_id,
    subject_id: ids.subject_id,
    request_id: pseudonymOf(requestKey, 'request', `${event.request_id} ${event.subject_id}`),
    detail: ids.detail,
    note_enc: event.note_enc,
    nonce: newNonce(),
    ...(fromDatabase.length > 0 && { from_database: fromDatabase }),
    ...(isUnsealed && { unsealed: true }),
    ...(isLate && { late: true }),
  }
}

const keyOf = (lookup: KeyLookup<Uint8Array> | undefined): Uint8Array | undefined =>
  lookup?.kind === 'found' ? lookup.key : undefined
