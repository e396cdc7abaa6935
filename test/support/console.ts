import { vi } from 'vitest'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

export interface Console {
  /** Everything that was logged. */
  readonly text: () => string
  /** The lines of one event, oldest first, parsed. */
  readonly lines: (event: string) => Record<string, unknown>[]
}

/** Captures the console instead of printing. `vi.restoreAllMocks` restores it. */
export function listenToConsole(): Console {
  const spies = METHODS.map((method) => vi.spyOn(console, method).mockImplementation(() => undefined))
  const written = () => spies.flatMap(({ mock }) => mock.calls.map((line) => line.map(String).join(' ')))
  return {
    text: () => written().join('\n'),
    lines: (event) =>
      written().flatMap((line) => {
        const parsed = line.startsWith('{') ? JSON.parse(line) : {}
        return parsed.event === event ? [parsed] : []
      }),
  }
}
