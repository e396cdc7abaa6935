import type * as z from 'zod'

/** @returns undefined if the text is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * JSON that this service stored cannot be read again. The error holds no part of the text, which a parser's
 * own message would quote.
 */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson'
}

/**
 * Parses JSON that this service stored in a column or a ciphertext, and validates it against its schema.
 * @throws UnreadableJson
 */
export function readStored<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const { success, data } = schema.safeParse(parseJson(text))
  if (!success) throw new UnreadableJson()
  return data
}

/** Like `readStored`, but returns undefined for a text that does not match. */
export const tryStored = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined =>
  schema.safeParse(parseJson(text)).data

/**
 * Reads a stored JSON object whose members are not known. It needs no zod schema, which every start of an
 * isolate would build.
 * @returns undefined for any other text
 */
export function tryStoredObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const parsed = parseJson(text)
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  return isObject ? (parsed as Readonly<Record<string, unknown>>) : undefined
}

/** @throws UnreadableJson for a text that is not a JSON object */
export function readStoredObject(text: string): Readonly<Record<string, unknown>> {
  const object = tryStoredObject(text)
  if (object === undefined) throw new UnreadableJson()
  return object
}
