import { useEffect, useState } from 'preact/hooks'
import type { Arguments, Finished, Name } from '../../../client/client.ts'
import { call } from './client.ts'

/** An answer of the service that a screen shows. */
export type Answer<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly error: unknown; readonly reload: () => void }
  | { readonly state: 'ready'; readonly data: T; readonly reload: () => void }

/**
 * Reads from the service when the screen opens, when the input changes, and by `reload`. Only the answer to
 * the latest request is shown. Nothing is cached.
 */
export function useAnswer<N extends Name>(name: N, ...input: Arguments<N>): Answer<Finished<N>> {
  const [answer, show] = useState<Answer<Finished<N>>>({ state: 'waiting' })
  const [round, setRound] = useState(0)
  const reload = () => setRound((before) => before + 1)
  useEffect(() => {
    let isCurrent = true
    const showLatest = (next: Answer<Finished<N>>) => {
      if (isCurrent) show(next)
    }
    call(name, ...input).then(
      (data) => showLatest({ state: 'ready', data, reload }),
      (error: unknown) => showLatest({ state: 'failed', error, reload }),
    )
    return () => {
      isCurrent = false
    }
  }, [name, JSON.stringify(input), round])
  return answer
}
