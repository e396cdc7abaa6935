import { useEffect, useState } from 'preact/hooks'

/** From when on a page says that it takes long. */
export const SLOW_MS = 5000

let running = 0
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<(isSlow: boolean) => void>()

const tell = (isSlow: boolean): void => {
  for (const listener of listeners) listener(isSlow)
}

/** Notes that an answer of the service is awaited. */
export async function track<T>(sent: Promise<T>): Promise<T> {
  if (running++ === 0) timer = setTimeout(() => tell(true), SLOW_MS)
  try {
    return await sent
  } finally {
    if (--running === 0) {
      clearTimeout(timer)
      tell(false)
    }
  }
}

/** Whether the service takes long. The time that a person takes, such as for a passkey, does not count. */
export function useSlow(): boolean {
  const [isSlow, show] = useState(false)
  useEffect(() => {
    listeners.add(show)
    return () => void listeners.delete(show)
  }, [])
  return isSlow
}
