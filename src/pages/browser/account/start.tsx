import { render } from 'preact'
import type { Words } from '../../words/words-of-pages.ts'
import type { facts } from '../shared/facts.ts'
import { goToRightAddress } from '../shared/right-address.ts'
import { speak } from '../shared/words.ts'
import { App } from './app.tsx'

/** Shows the screen of the address. Each language has an entry that calls it, which the build writes. */
export function start(language: (about: typeof facts) => Words): void {
  if (goToRightAddress()) return
  speak(language)
  const place = document.getElementById('page')
  place?.replaceChildren()
  if (place !== null) render(<App />, place)
}
