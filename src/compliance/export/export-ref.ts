import type { UserId } from '../../core/ids.ts'
import { EXPORT_HOURS } from '../../core/lifetimes.ts'

/** An export and whose it is. */
export interface ExportRef {
  /** UUID v4. */
  readonly id: string
  readonly userId: UserId
}

/** When something that starts to count now may no longer be downloaded. */
export const exportExpiry = (now: number): number => now + EXPORT_HOURS * 3_600_000
