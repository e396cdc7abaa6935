import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'

const rootKeyShape = () => ({
  version: z.int(),
  state: z.enum(['current', 'in_use', 'drained', 'unused', 'missing']),
  is_trusted: z.boolean(),
  first_seen_at: orNull(time()),
  wrapped_keys: orNull(z.int()),
  indexes: z.int(),
  passwords: z.int(),
  sealed_events: orNull(z.int()),
  sealed_requests: z.int(),
})

const runShape = () => ({
  job: z.string(),
  started_at: time(),
  finished_at: orNull(time()),
  counts: z.record(z.string(), z.int()),
})

/** The answer of `GET /admin/keys`. */
export const keyProgressView = answerSchema('KeyProgress', () => ({
  current_version: z.int(),
  versions: z.array(z.strictObject(rootKeyShape())),
  passwords_without_pepper: z.int(),
  sessions_settled_at: orNull(time()),
  signing: z.strictObject({ current: z.string(), published: z.array(z.string()), revoked: z.array(z.string()) }),
  runs: z.array(z.strictObject(runShape())),
}))

export type KeyProgressView = View<typeof keyProgressView>
