import { useState } from 'preact/hooks'

interface News {
  readonly text: string
  readonly round: number
}

/** What `Notice` shows, and the function that says something new. */
export function useNotice(): [news: News, say: (text: string) => void] {
  const [news, show] = useState<News>({ text: '', round: 0 })
  return [news, (text) => show(({ round }) => ({ text, round: round + 1 }))]
}
