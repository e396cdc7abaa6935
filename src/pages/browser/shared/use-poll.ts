import { useEffect, useRef } from 'preact/hooks'

const FIRST_MS = 1000
const LAST_MS = 30_000

/**
 * Asks again and again, less and less often, while the page can be seen. A page that is seen again asks at
 * once.
 */
export function usePoll(isOn: boolean, ask: () => Promise<void>): void {
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    if (!isOn) return
    let [delay, timer, isOver] = [FIRST_MS, 0, false]
    const later = () => {
      if (!isOver && !document.hidden) timer = setTimeout(() => void askNow(), delay)
    }
    const askNow = async () => {
      delay = Math.min(delay * 2, LAST_MS)
      await latest.current()
      clearTimeout(timer)
      later()
    }
    const onVisibility = () => {
      clearTimeout(timer)
      if (!document.hidden) void askNow()
    }
    document.addEventListener('visibilitychange', onVisibility)
    later()
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisibility)
    }
  }, [isOn])
}
