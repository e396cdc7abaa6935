export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** Formats Unix milliseconds for a body. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

/** Like `rfc3339`, for a time that may be null. */
export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))
