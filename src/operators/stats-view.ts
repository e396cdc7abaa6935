import * as z from 'zod'
import { alarmNames } from '../core/alarm.ts'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { openErasuresShape } from './erasure-run-view.ts'

/** The answer of `GET /admin/stats`. */
export const statsView = answerSchema('Stats', () => ({
  users: z.record(z.string(), z.int()),
  two_step: z.strictObject({
    /** Active accounts by the level that their owners chose. */
    active_users: z.record(z.string(), z.int()),
    /** Active admins who have not turned two-step sign-in on. */
    admins_without: z.int(),
  }),
  /**
   * Passkeys and security keys by the domain that they were made for, with blocked and without removed ones.
   */
  passkeys: z.array(
    z.strictObject({
      rp_id: z.string(),
      count: z.int(),
      /** Nobody can use them, because the service has another RP ID now. */
      other_domain: z.boolean(),
    }),
  ),
  registered_last_day: z.int(),
  last_hour: z.record(z.string(), z.int()),
  erasures: z.strictObject(openErasuresShape()),
  audit: z.strictObject({
    archived_events: z.int(),
    segments: z.int(),
    late_events: z.int(),
    dead_letters: z.int(),
    rejected_events: z.int(),
    /** Events in the published checkpoint of the log. */
    published_events: z.int(),
    /** When that checkpoint was published. With witnesses, that was after they had cosigned it. */
    published_at: orNull(time()),
  }),
  mail: z.strictObject({ open_jobs: z.int(), oldest_open_at: orNull(time()) }),
  jobs: z.array(z.strictObject({ job: z.string(), last_finished_at: orNull(time()) })),
  /** The active alarms: when they began, when a check last found the cause, and how many checks did. */
  alarms: z.array(z.strictObject({ name: z.enum(alarmNames), since: time(), last_at: time(), count: z.int() })),
}))

export type Stats = View<typeof statsView>
