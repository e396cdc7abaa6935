import { useEffect, useState } from 'preact/hooks'
import { words } from '../../shared/words.ts'

/** When the end is announced (WCAG 2.2.1). */
const ANNOUNCED_MS = 60_000

interface TimeLeftProps {
  readonly endsAtMs: number
  readonly onEnd: () => void
}

/** Says that the time is nearly over, and then that it is. */
export function TimeLeft({ endsAtMs, onEnd }: TimeLeftProps) {
  const [isNear, setNear] = useState(false)
  useEffect(() => {
    setNear(false)
    const left = endsAtMs - Date.now()
    const timers = [setTimeout(() => setNear(true), left - ANNOUNCED_MS), setTimeout(onEnd, left)]
    return () => timers.forEach(clearTimeout)
  }, [endsAtMs])
  return (
    <p class="hint" role="status">
      {isNear && words().signIn.timeNearlyOver}
    </p>
  )
}
