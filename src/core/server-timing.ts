/** Milliseconds that one request spent in each phase; calls that ran side by side are added up. */
export interface ServerTiming {
  /** Starts the clock of a phase. @returns stops it */
  readonly start: (phase: string) => () => void
  /** The value of `Server-Timing`, as of now (W3C Server Timing, section 3). */
  readonly header: () => string
}

/** @param now milliseconds from anywhere */
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
