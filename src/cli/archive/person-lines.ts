import * as z from 'zod'
import type { WalkedEvent } from '../../compliance/archive/verify/chain-walk.ts'
import { parseJson } from '../../core/json.ts'
import { DAY_MS } from '../../core/time.ts'
import { UsageError } from '../shared/usage-error.ts'
import { readText } from './saved-checkpoint.ts'

/** An export, as far as it is held against the archive. */
const exportSchema = z.object({
  manifest: z.object({ subject: z.string(), created_at: z.iso.datetime() }),
  data: z.object({
    events: z.array(z.object({ id: z.string() })),
    archive: z.object({
      pseudonym: z.string().nullable(),
      periods: z.array(z.object({ first_day: z.iso.date(), days: z.int().min(1), events: z.int() })),
    }),
  }),
})

/** Days of a period in the report, if the export names none. */
const DEFAULT_DAYS = 28

/** The most ids that a report shows. */
const SHOWN = 10

/** What the archive holds about the person of an export. */
export interface PersonLines {
  /** Called for each event of the archive. */
  readonly visit: (event: WalkedEvent) => void
  readonly report: () => PersonReport
}

export interface PersonReport {
  /** Lines about the person, up to the time of the export. */
  readonly lines: number
  /** Lines whose event the export does not have, by the first day of the period. */
  readonly missing: readonly { readonly first_day: string; readonly events: number; readonly ids: readonly string[] }[]
  /** Events of the export that the archive does not have: the newest ones, until they are archived. */
  readonly unarchived: number
}

/**
 * Compares an export with the archive. An event that was taken out of the database before it was bundled is a
 * line of the person that the export does not have. The person is known by the pseudonym, and in segments of
 * format 1 by the id.
 * @throws UsageError when the file cannot be read or is no export
 */
export function readPersonLines(path: string): PersonLines {
  const parsed = exportSchema.safeParse(parseJson(readText(path)))
  if (!parsed.success) throw new UsageError(`${path} is not an export of version 0.3.0 or later.`)
  const { manifest, data } = parsed.data
  const names = new Set([manifest.subject, data.archive.pseudonym])
  const exported = new Set(data.events.map(({ id }) => id))
  const untilMs = Date.parse(manifest.created_at)
  const periodMs = (data.archive.periods[0]?.days ?? DEFAULT_DAYS) * DAY_MS
  const found = new Set<string>()
  const missing = new Map<string, number>()
  return {
    visit({ id, occurred_at, subject_id }) {
      if (subject_id === null || !names.has(subject_id) || occurred_at > untilMs) return
      if (exported.has(id)) found.add(id)
      else missing.set(id, Math.floor(occurred_at / periodMs) * periodMs)
    },
    report() {
      const byPeriod = [...Map.groupBy(missing.keys(), (id) => missing.get(id) ?? 0)].sort(([a], [b]) => a - b)
      return {
        lines: found.size + missing.size,
        missing: byPeriod.map(([startMs, ids]) => ({
          first_day: new Date(startMs).toISOString().slice(0, 10),
          events: ids.length,
          ids: ids.slice(0, SHOWN),
        })),
        unarchived: exported.size - found.size,
      }
    },
  }
}
