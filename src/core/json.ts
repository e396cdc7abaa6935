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
