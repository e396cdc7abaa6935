import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'
import { SLOW_MS } from './slow.ts'
import type { Answer } from './use-answer.ts'
import { words } from './words.ts'

interface LoadedProps<T> {
  readonly answer: Answer<T>
  readonly children: (data: T) => ComponentChildren
}

/** Shows an answer, or that it is on its way, or why it did not come. */
export function Loaded<T>({ answer, children }: LoadedProps<T>) {
  if (answer.state === 'ready') return <>{children(answer.data)}</>
  if (answer.state === 'waiting') return <Waiting />
  return <Problem error={answer.error} onAgain={answer.reload} />
}

/** Says that it takes long, if it does. */
export function Waiting() {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <p class="hint" role="status">
      {isSlow ? words().messages.slow : words().common.loading}
    </p>
  )
}
