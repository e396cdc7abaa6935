import { tryStoredObject } from '../../../core/json.ts'
import { detailIdOf } from '../../../core/personal-ids.ts'
import { pseudonymOf } from '../../../crypto/pseudonym.ts'

/** The ids of an event that can be those of a person. */
export interface EventIds {
  readonly actor_id: string | null
  readonly subject_id: string | null
  /** JSON text. */
  readonly detail: string | null
}

/** Keys of `KeyVault.findDerived`. The ids of a person whose key is absent stay as they are. */
export interface PseudonymKeys {
  readonly subject?: Uint8Array | undefined
  readonly actor?: Uint8Array | undefined
}

/**
 * Replaces the ids of persons by their pseudonyms. An id in the detail belongs to the subject or to the
 * actor: see `src/core/personal-ids.ts`. A detail that is not a JSON object is dropped, because it could hold
 * an id at any place. So is one that is nested deeper than this service nests any: it could exhaust the
 * stack.
 */
export const replaceIds = (event: EventIds, keys: PseudonymKeys): EventIds => ({
  actor_id: replaceUser(event.actor_id, keys.actor),
  subject_id: replaceUser(event.subject_id, keys.subject),
  detail: event.detail === null ? null : replaceInText(event.detail, keys),
})

const replaceUser = (id: string | null, key: Uint8Array | undefined): string | null =>
  id === null || key === undefined ? id : pseudonymOf(key, 'user', id)

function replaceInText(detail: string, keys: PseudonymKeys): string | null {
  const object = tryStoredObject(detail)
  return object === undefined || !isShallow(object, DEEPEST) ? null : JSON.stringify(replaceInMembers(object, keys))
}

const DEEPEST = 20

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1)))

function replaceInMembers(object: object, keys: PseudonymKeys): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, replaceMember(name, value, keys)]))
}

function replaceMember(name: string, value: unknown, keys: PseudonymKeys): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceMember(name, item, keys))
  if (typeof value === 'object' && value !== null) return replaceInMembers(value, keys)
  const id = detailIdOf(name)
  if (typeof value !== 'string' || id === undefined || id.owner === 'kept') return value
  const key = keys[id.owner]
  return key === undefined ? value : pseudonymOf(key, id.kind, value)
}
