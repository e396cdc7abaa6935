import type * as z from 'zod'

/** @returns undefined for what is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What this service wrote as JSON and finds otherwise. Says nothing of it: a parser's own message quotes the
 * text.
 */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson'
}

/**
 * Reads JSON that this service has stored, in a column or within a ciphertext, and holds it to its schema.
 * @throws UnreadableJson
 */
export function readStored<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const { success, data } = schema.safeParse(parseJson(text))
  if (!success) throw new UnreadableJson()
  return data
}

/** The same for a text that may be something else: then undefined. */
export const tryStored = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> | undefined =>
  schema.safeParse(parseJson(text)).data
