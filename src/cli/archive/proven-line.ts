import * as z from 'zod'
import { tryStored } from '../../core/json.ts'
import { LATEST_TIME_MS } from '../../storage/database/outbox-columns.ts'

const lineSchema = z.object({
  id: z.string(),
  occurred_at: z.int().min(0).max(LATEST_TIME_MS),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  detail: z.string().nullable(),
})

/** The members of an event that lines of every format have. */
export type ProvenLine = z.infer<typeof lineSchema>

/** @returns undefined for a text that is not the line of an event */
export const readLine = (line: string): ProvenLine | undefined => tryStored(lineSchema, line)
