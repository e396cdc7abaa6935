import { setTimeout as startTimer } from 'node:timers'

const PLAIN = Symbol.for('latchkey.plain-timers')

/**
 * Takes vitest's plugin out of timers that wait for some time. It reads the stack of each caller, to find
 * those of vitest that wait for none. Every call of a store starts a timer here, so that took one part in
 * twenty of the processor's time.
 */
export function usePlainTimers(): void {
  const ofPlugin = globalThis.setTimeout
  if (PLAIN in ofPlugin) return
  const plain = (callback: () => void, ms?: number, ...given: []) =>
    ms ? startTimer(callback, ms, ...given) : ofPlugin(callback, ms, ...given)
  globalThis.setTimeout = Object.assign(plain, { [PLAIN]: true }) as unknown as typeof globalThis.setTimeout
}
