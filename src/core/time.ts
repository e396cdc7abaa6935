export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** Formats Unix milliseconds for a body. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

/** The day (UTC) of Unix milliseconds, such as `2026-11-29`. */
export const day = (ms: number): string => rfc3339(ms).slice(0, 10)

/** The beginning of the day (UTC), in Unix milliseconds. */
export const startOfDay = (ms: number): number => ms - (ms % DAY_MS)

/** Like `rfc3339`, for a time that may be null. */
export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))
