/** Calendar month in UTC, `yyyy-mm`. */
export type Period = `${number}-${string}`

/** The month a moment falls into. */
export const periodOf = (nowMs: number): Period => new Date(nowMs).toISOString().slice(0, 7) as Period
