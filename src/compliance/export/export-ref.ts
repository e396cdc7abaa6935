import type { UserId } from '../../core/ids.ts'
import { EXPORT_HOURS } from '../../core/lifetimes.ts'

/** The id of an export and of its owner. */
export interface ExportRef {
  /** UUID v4. */
  readonly id: string
  readonly userId: UserId
}

/** When an export that is requested or built at `now` expires, in Unix milliseconds. */
export const exportExpiry = (now: number): number => now + EXPORT_HOURS * 3_600_000
