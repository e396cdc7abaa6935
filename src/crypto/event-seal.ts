import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  type DatabasePart,
  databaseParts,
  type EventWithSeal,
  type SealEvent,
  type SealedEvent,
} from '../core/sealed-event.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'

/**
 * Makes seals with the newest root key. A seal proves that this service wrote the event: no attacker can make
 * one without `ROOT_KEYS`. HMAC-SHA-256 of `node:crypto`, which is native and synchronous, so that it can be
 * part of building a statement.
 *
 * A seal is `<version of the root key>.<letters>.<MAC, base64url>`. The letters name the parts that only the
 * database knows: `a` actor, `s` subject, `o` outcome, `d` detail, in that order.
 */
export const createSealEvent =
  ({ newest }: Pick<KeyRing, 'newest'>): SealEvent =>
  (event, fromDatabase = []) => {
    const letters = lettersOf(fromDatabase)
    return `${newest.version}.${letters}.${macOf(newest, event, letters)}`
  }

/**
 * - `sealed`: this service wrote the event, except the parts `fromDatabase`, which the database may have
 * changed.
 * - `none`: the event has no seal. Events of releases before 0.3.0 have none.
 * - `wrong`: the seal is malformed, or is not the seal of this event.
 * - `unknown_version`: the ring lacks the root key of the seal. Another isolate may have it.
 * - `distrusted`: the seal was made with a root key that `DISTRUSTED_ROOT_KEYS` lists.
 */
export type SealFinding =
  | { readonly state: 'sealed'; readonly fromDatabase: readonly DatabasePart[] }
  | { readonly state: 'none' | 'wrong' | 'unknown_version' | 'distrusted' }

/** Checks the seal of an event. Parts that the seal does not cover may have any value. */
export function checkSeal({ all, trusted }: Pick<KeyRing, 'all' | 'trusted'>, event: EventWithSeal): SealFinding {
  if (event.seal === null) return { state: 'none' }
  const [, version, letters, mac] = SEAL.exec(event.seal) ?? []
  if (version === undefined || letters === undefined || mac === undefined) return { state: 'wrong' }
  const keys = all.find((one) => String(one.version) === version)
  if (keys === undefined) return { state: 'unknown_version' }
  if (!isEqual(mac, macOf(keys, event, letters))) return { state: 'wrong' }
  if (!trusted.includes(keys)) return { state: 'distrusted' }
  return { state: 'sealed', fromDatabase: databaseParts.filter((part) => letters.includes(LETTERS[part])) }
}

/** Whether this service wrote the event, except the parts that only the database knew. */
export const isSealed = (ring: Pick<KeyRing, 'all' | 'trusted'>, event: EventWithSeal): boolean =>
  checkSeal(ring, event).state === 'sealed'

const LETTERS = { actor: 'a', subject: 's', outcome: 'o', detail: 'd' } as const

const SEAL = /^([1-9]\d{0,9})\.(a?s?o?d?)\.([\w-]{43})$/

const lettersOf = (parts: readonly DatabasePart[]): string =>
  databaseParts
    .filter((part) => parts.includes(part))
    .map((part) => LETTERS[part])
    .join('')

/**
 * Stands for a part that only the database knows. No other part of the text is an object, so the letters are
 * covered.
 */
const FROM_DATABASE = { db: true } as const

/** JSON without white space, in a fixed order, so that one event has one text. */
function macOf({ eventSeal }: VersionKeys, event: SealedEvent, letters: string): string {
  const part = <Value>(name: DatabasePart, value: Value) => (letters.includes(LETTERS[name]) ? FROM_DATABASE : value)
  const text = JSON.stringify([
    'latchkey-event/1',
    event.id,
    event.occurred_at,
    event.action,
    part('outcome', event.outcome),
    event.actor_type,
    part('actor', event.actor_id),
    part('subject', event.subject_id),
    event.request_id,
    part('detail', event.detail),
    event.note_enc,
  ])
  return createHmac('sha256', eventSeal).update(text).digest('base64url')
}

/** Both texts are 43 characters of ASCII. */
const isEqual = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other))

/**
 * An operator's permission to archive an event that is too old, made with the newest root key:
 * `<version>.<end>.<MAC>`. It names the event by its seal, and its end limits what a copied message is worth.
 * @param endMs Unix milliseconds
 */
export const permitLate = ({ newest }: Pick<KeyRing, 'newest'>, event: EventWithSeal, endMs: number): string =>
  `${newest.version}.${endMs}.${permitMacOf(newest, event, endMs)}`

/** Whether an operator permits that an event is archived late. */
export function isPermittedLate({ trusted }: Pick<KeyRing, 'trusted'>, event: EventWithSeal, permit: Permit): boolean {
  const [, version, end, mac] = PERMIT.exec(permit.text) ?? []
  const keys = trusted.find((one) => String(one.version) === version)
  if (keys === undefined || mac === undefined) return false
  return isEqual(mac, permitMacOf(keys, event, Number(end))) && permit.now < Number(end)
}

interface Permit {
  /** From `permitLate`. */
  readonly text: string
  /** Unix milliseconds. */
  readonly now: number
}

const PERMIT = /^([1-9]\d{0,9})\.([1-9]\d{0,15})\.([\w-]{43})$/

const permitMacOf = ({ eventSeal }: VersionKeys, { id, seal }: EventWithSeal, endMs: number): string =>
  createHmac('sha256', eventSeal)
    .update(JSON.stringify(['latchkey-late/1', id, seal, endMs]))
    .digest('base64url')
