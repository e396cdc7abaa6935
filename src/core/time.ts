export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000

/** Unix milliseconds as bodies show them. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString()

/** The same for a time that may not have come. */
export const rfc3339OrNull = (ms: number | null): string | null => (ms === null ? null : rfc3339(ms))
