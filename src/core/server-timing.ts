/**
 * Measures the milliseconds that a request spends in each phase. The times of concurrent calls are added up.
 */
export interface ServerTiming {
  /** Starts the clock of a phase. @returns a function that stops it */
  readonly start: (phase: string) => () => void
  /** The current value of the header `Server-Timing` (W3C Server Timing, section 3). */
  readonly header: () => string
}

/** @param now a clock in milliseconds with any origin */
export function createServerTiming(now: () => number): ServerTiming {
  const createdMs = now()
  const spent = new Map<string, number>()
  return {
    start(phase) {
      const startedMs = now()
      return () => void spent.set(phase, (spent.get(phase) ?? 0) + now() - startedMs)
    },
    header: () =>
      [...spent, ['total', now() - createdMs] as const].map(([phase, ms]) => `${phase};dur=${round(ms)}`).join(', '),
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10
