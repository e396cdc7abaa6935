import { useEffect, useState } from 'preact/hooks'
import type { Arguments, Finished, Name } from '../../../client/client.ts'
import { call } from './client.ts'

/** An answer of the service that a screen shows. */
export type Answer<T> =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly error: unknown; readonly reload: () => void }
  | { readonly state: 'ready'; readonly data: T; readonly reload: () => void }

/**
 * Reads from the service when the screen opens, when the input changes, and by `reload`. Nothing is cached.
 */
export const useAnswer = <N extends Name>(name: N, ...input: Arguments<N>): Answer<Finished<N>> =>
  useLoaded(() => call(name, ...input), [name, JSON.stringify(input)])

/**
 * Loads when the screen opens, when something of `about` changes, and by `reload`. What was loaded before is
 * shown meanwhile. Only what the latest request answers is shown.
 */
export function useLoaded<T>(load: () => Promise<T>, about: readonly unknown[]): Answer<T> {
  const [answer, show] = useState<Answer<T>>({ state: 'waiting' })
  const [round, setRound] = useState(0)
  const reload = () => setRound((before) => before + 1)
  useEffect(() => {
    let isCurrent = true
    const showLatest = (next: Answer<T>) => {
      if (isCurrent) show(next)
    }
    load().then(
      (data) => showLatest({ state: 'ready', data, reload }),
      (error: unknown) => showLatest({ state: 'failed', error, reload }),
    )
    return () => {
      isCurrent = false
    }
  }, [...about, round])
  return answer
}
