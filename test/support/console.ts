import { vi } from 'vitest'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

/** Listens to the console instead of printing; `text()` is all that was written. Restored by `vi.restoreAllMocks`. */
export function listenToConsole(): { readonly text: () => string } {
  const spies = METHODS.map((method) => vi.spyOn(console, method).mockImplementation(() => undefined))
  return { text: () => spies.flatMap(({ mock }) => mock.calls.map((line) => line.map(String).join(' '))).join('\n') }
}
