import * as z from 'zod'

/**
 * UUID v4 of a user. It is a pseudonym: it can be linked to a person only while that person's data key
 * exists.
 */
export const userIdSchema = z.uuidv4().brand<'UserId'>()
export type UserId = z.infer<typeof userIdSchema>

/** UUID v4 of a session; also the claim `sid` of its access tokens. */
export const sessionIdSchema = z.uuidv4().brand<'SessionId'>()
export type SessionId = z.infer<typeof sessionIdSchema>

export const newUserId = (): UserId => crypto.randomUUID() as UserId
export const newSessionId = (): SessionId => crypto.randomUUID() as SessionId

/**
 * Creates a UUID v7 (RFC 9562 section 5.7). It sorts by creation time, so that an order "newest first" and
 * cursors need no second column.
 * @param nowMs Unix time in milliseconds; it becomes the first 48 bits
 */
export function newTimeOrderedId(nowMs: number): string {
  return `${timePrefix(nowMs)}-7${crypto.randomUUID().slice(15)}`
}

/**
 * The prefix of every time-ordered id of this millisecond. Ids of later milliseconds sort after it, ids of
 * earlier ones before it.
 */
export function timePrefix(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}

/** The Unix time in milliseconds in a time-ordered id. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
