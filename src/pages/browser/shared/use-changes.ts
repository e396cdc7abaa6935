import type { Answer } from './use-answer.ts'
import { useNotice } from './use-notice.ts'

/**
 * What a list says about the last change, and what is called after one: it says so and reads the list again.
 */
export function useChanges(answer: Answer<unknown>) {
  const [news, say] = useNotice()
  const done = (text: string) => {
    say(text)
    if (answer.state !== 'waiting') answer.reload()
  }
  return [news, done] as const
}
