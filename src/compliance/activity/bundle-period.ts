import type { Settings } from '../../core/settings.ts'
import { DAY_MS } from '../../core/time.ts'

/** A part of a period of a person's trail. Nearly always a period has one part. */
export interface BundlePeriod {
  /** Unix milliseconds of the first day, UTC. */
  readonly startMs: number
  readonly days: number
  /** 1, 2, 3, …: a period has further parts if it holds very many events. */
  readonly part: number
}

type Days = Pick<Settings, 'AUDIT_BUNDLE_DAYS' | 'AUDIT_HOT_DAYS'>

/** Periods are counted from 1970-01-01. @returns the first part of the period that contains a time */
export function periodAt(timeMs: number, { AUDIT_BUNDLE_DAYS: days }: Pick<Days, 'AUDIT_BUNDLE_DAYS'>): BundlePeriod {
  const length = days * DAY_MS
  return { startMs: Math.floor(timeMs / length) * length, days, part: 1 }
}

/**
 * The end of the newest period that lies more than `AUDIT_HOT_DAYS` back, in Unix milliseconds. Events before
 * it are bundled.
 */
export const bundledBefore = (nowMs: number, settings: Days): number =>
  periodAt(nowMs - settings.AUDIT_HOT_DAYS * DAY_MS, settings).startMs

export const endOf = ({ startMs, days }: BundlePeriod): number => startMs + days * DAY_MS

/**
 * The name of a period in the vault and in `activity_bundles`: its first day and its length in days, such as
 * `2026-07-06+28`, and `2026-07-06+28.2` for its second part. The length is in the name because the setting
 * may change.
 */
export function formatPeriod({ startMs, days, part }: BundlePeriod): string {
  const name = `${new Date(startMs).toISOString().slice(0, 10)}+${days}`
  return part === 1 ? name : `${name}.${part}`
}

const NAME = /^(\d{4}-\d\d-\d\d)\+([1-9]\d?)(?:\.([2-9]|[1-9]\d{1,5}))?$/

/** @returns undefined for a name that `formatPeriod` does not write */
export function parsePeriod(name: string): BundlePeriod | undefined {
  const [, day = '', days, part = '1'] = NAME.exec(name) ?? []
  const startMs = Date.parse(day)
  return Number.isNaN(startMs) ? undefined : { startMs, days: Number(days), part: Number(part) }
}
