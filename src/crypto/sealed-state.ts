import type * as z from 'zod'
import { tryStored } from '../core/json.ts'
import { decryptField, type FieldPlace } from './field-cipher.ts'

interface Expected<Schema> {
  readonly place: FieldPlace
  readonly schema: Schema
  /** Unix milliseconds. */
  readonly now: number
}

/**
 * Opens state that `encryptField` has sealed for a client to keep.
 * @param keys those that count, tried in turn
 * @returns undefined if none of the keys sealed it for this place, or if it has expired
 */
export async function openState<Schema extends z.ZodType<{ readonly expiresAtMs: number }>>(
  keys: readonly CryptoKey[],
  { place, schema, now }: Expected<Schema>,
  sealed: string,
): Promise<z.output<Schema> | undefined> {
  for (const key of keys) {
    const text = await decryptField(key, place, sealed).catch(() => undefined)
    const content = text === undefined ? undefined : tryStored(schema, text)
    if (content !== undefined) return content.expiresAtMs > now ? content : undefined
  }
  return undefined
}
