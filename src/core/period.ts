/** Calendar month in UTC, `yyyy-mm`. */
export type Period = `${number}-${string}`

/** The month of a time in Unix milliseconds. */
export const periodOf = (nowMs: number): Period => new Date(nowMs).toISOString().slice(0, 7) as Period
