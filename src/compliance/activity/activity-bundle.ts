import * as z from 'zod'
import { tryStored } from '../../core/json.ts'
import { toBase64url, utf8 } from '../../crypto/encoding.ts'
import { CiphertextError, decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { LATEST_TIME_MS } from '../../storage/database/outbox-columns.ts'
import { uncertainParts } from './uncertainty.ts'

/**
 * An event in a bundle: what its subject may see. Ids of other people, the request, the address and the
 * device are left out, so that a purge of an operator leaves nothing in the bundles of others.
 */
const bundledEventSchema = z.strictObject({
  /** UUID v7. */
  id: z.string(),
  /** Unix milliseconds. */
  occurred_at: z.number().int().min(0).max(LATEST_TIME_MS),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  by: z.enum(['you', 'operator', 'service', 'unknown']),
  detail: z.record(z.string(), z.unknown()).nullable(),
  /** Note of an operator. */
  note: z.string().optional(),
  uncertain: z.array(z.enum(uncertainParts)),
  /** Number of the archive segment that has the event. Absent if the database did not know it. */
  segment: z.int().min(1).exactOptional(),
})
export type BundledEvent = z.infer<typeof bundledEventSchema>

const bundleSchema = z.strictObject({
  format: z.literal('latchkey-activity/1'),
  events: z.array(bundledEventSchema),
})

interface Bundle {
  readonly format: z.infer<typeof bundleSchema>['format']
  readonly events: readonly BundledEvent[]
}

/** Whose bundle it is, and of which period: both are authenticated. */
interface BundlePlace {
  readonly userId: string
  /** From `formatPeriod`. */
  readonly period: string
}

const placeOf = ({ userId, period }: BundlePlace) => ({
  table: 'activity_bundles',
  column: 'bundle',
  owner: userId,
  row: period,
  unbound: 'refused' as const,
})

/** Encrypts the events of a period under the person's key. */
export const sealBundle = (key: CryptoKey, place: BundlePlace, events: readonly BundledEvent[]): Promise<string> =>
  encryptField(key, placeOf(place), JSON.stringify({ format: 'latchkey-activity/1', events } satisfies Bundle))

/** @returns undefined if the bundle was altered, or belongs to another person or period */
export async function openBundle(
  key: CryptoKey,
  place: BundlePlace,
  sealed: string,
): Promise<readonly BundledEvent[] | undefined> {
  try {
    return tryStored(bundleSchema, await decryptField(key, placeOf(place), sealed))?.events
  } catch (error) {
    if (error instanceof CiphertextError) return undefined
    throw error
  }
}

/** Adds events by id. An event that is there already stays as it is. Ordered by id, oldest first. */
export function mergeEvents(held: readonly BundledEvent[], added: readonly BundledEvent[]): readonly BundledEvent[] {
  const byId = new Map([...added, ...held].map((event) => [event.id, event]))
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** SHA-256 of a stored bundle, base64url. */
export const hashBundle = async (sealed: string): Promise<string> =>
  toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(sealed))))
