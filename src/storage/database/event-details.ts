import * as z from 'zod'
import { type ClientDetails, clientSchema } from '../../core/client-details.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import type { KeyOwner } from '../../core/key-owner.ts'
import type { DataKeyLookup, RequestFacts } from '../../core/ports.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { expiring } from './unbound-ciphertexts.ts'

/** A ciphertext that opens only in the row of one event. The event must get this id. */
export interface EventCiphertext {
  readonly eventId: string
  readonly text: string
}

type ClientFacts = Pick<RequestFacts, 'now' | 'client'>

/**
 * Encrypts client address and device for `audit_events.pii_enc` of a new event, whose id it chooses. An event
 * needs a ciphertext of its own. Undefined if there is no data key.
 */
export async function encryptClient(
  { now, client }: ClientFacts,
  lookup: DataKeyLookup,
  owner: KeyOwner,
): Promise<EventCiphertext | undefined> {
  const eventId = newTimeOrderedId(now)
  const text = await encryptClientOf({ eventId, owner }, lookup, client)
  return text === undefined ? undefined : { eventId, text }
}

/** Encrypts the same client for several events. @returns one ciphertext for each */
export const encryptClients = (
  facts: ClientFacts,
  lookup: DataKeyLookup,
  { owner, count }: { readonly owner: KeyOwner; readonly count: number },
): Promise<(EventCiphertext | undefined)[]> =>
  Promise.all(Array.from({ length: count }, () => encryptClient(facts, lookup, owner)))

/** The row of `audit_events`, and the owner of its key. */
export interface EventPlace {
  readonly eventId: string
  readonly owner: KeyOwner
}

/** Like `encryptClient`, for an event that has an id already. */
export async function encryptClientOf(
  row: EventPlace,
  lookup: DataKeyLookup,
  client: ClientDetails,
): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf('pii_enc', row), JSON.stringify(client))
}

/**
 * Encrypts an operator's note for `audit_events.note_enc` of a new event, whose id it chooses. Undefined if
 * there is no data key.
 */
export async function encryptNote(
  { now }: Pick<RequestFacts, 'now'>,
  lookup: DataKeyLookup,
  { owner, note }: { readonly owner: KeyOwner; readonly note: string },
): Promise<EventCiphertext | undefined> {
  if (lookup.kind !== 'found') return undefined
  const eventId = newTimeOrderedId(now)
  return { eventId, text: await encryptField(lookup.key, placeOf('note_enc', { eventId, owner }), note) }
}

/** Version 0.2.0 stored the note of an operator in place of the client. */
const sealedSchema = clientSchema.extend({ note: z.string().optional() })

/** The encrypted details of an event: client address and device of the actor, or the note of an operator. */
export type SealedDetails = z.infer<typeof sealedSchema>

/** Decrypts `audit_events.pii_enc`. @throws CiphertextError, UnreadableJson */
export const decryptDetails = async (key: CryptoKey, row: EventPlace, sealed: string): Promise<SealedDetails> =>
  readStored(sealedSchema, await decryptField(key, expiring(placeOf('pii_enc', row)), sealed))

/** Decrypts `audit_events.note_enc`. @throws CiphertextError */
export const decryptNote = (key: CryptoKey, row: EventPlace, sealed: string): Promise<string> =>
  decryptField(key, { ...placeOf('note_enc', row), unbound: 'refused' }, sealed)

const placeOf = (column: 'pii_enc' | 'note_enc', { owner, eventId }: EventPlace) => ({
  table: 'audit_events',
  column,
  owner,
  row: eventId,
})
