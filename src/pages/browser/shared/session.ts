import { useEffect, useState } from 'preact/hooks'

/** `unknown` until the service was asked. */
export type SessionState = 'unknown' | 'in' | 'out'

let state: SessionState = 'unknown'
const listeners = new Set<(next: SessionState) => void>()

/** The other tabs of this browser, which have the same cookie. */
const tabs = new BroadcastChannel('latchkey-session')
tabs.onmessage = () => set('out')

function set(next: SessionState): void {
  state = next
  for (const listener of listeners) listener(next)
}

export const noteSession = (): void => {
  if (state !== 'in') set('in')
}

/** @param where `everywhere` tells other tabs */
export function forgetSession(where: 'here' | 'everywhere' = 'here'): void {
  if (where === 'everywhere') tabs.postMessage('out')
  set('out')
}

/** Whether this browser is signed in, as far as the page knows. */
export function useSession(): SessionState {
  const [current, show] = useState(state)
  useEffect(() => {
    listeners.add(show)
    show(state)
    return () => void listeners.delete(show)
  }, [])
  return current
}
