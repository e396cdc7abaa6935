import * as z from 'zod'
import { userIdSchema } from '../../../core/ids.ts'
import type { SealedEvent } from '../../../core/sealed-event.ts'
import { LATEST_TIME_MS } from '../../../storage/database/outbox-columns.ts'

const sealedShape = {
  id: z.uuidv7(),
  /** Unix milliseconds. */
  occurred_at: z.int().min(0).max(LATEST_TIME_MS),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_type: z.enum(['anonymous', 'user', 'system']),
  actor_id: z.string().nullable(),
  subject_id: userIdSchema.nullable(),
  request_id: z.string(),
  /** JSON text. */
  detail: z.string().nullable(),
} satisfies { readonly [Name in Exclude<keyof SealedEvent, 'note_enc'>]: z.ZodType<SealedEvent[Name]> }

/**
 * A message of the queue of events: an event with its seal, and the permission to archive it late, if it has
 * one.
 */
const messageSchema = z.strictObject({
  ...sealedShape,
  note_enc: z.string().nullable(),
  seal: z.string().nullable(),
  late: z.string().optional(),
})
export type EventMessage = z.infer<typeof messageSchema>

/**
 * A message of releases before 0.3.0. They sent client address and device too, which are no longer archived.
 */
const oldMessageSchema = z
  .strictObject({ ...sealedShape, pii_enc: z.string().nullable() })
  .transform(({ pii_enc: _, ...event }): EventMessage => ({ ...event, note_enc: null, seal: null }))

/** The body of a message, of this release or of one before. */
export const eventMessageSchema = z.union([messageSchema, oldMessageSchema])
