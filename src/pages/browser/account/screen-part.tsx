import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import lazy from 'preact-iso/lazy'
import { addressOf, isOwn, type ScreenName } from '../../screens.ts'
import { findSession } from '../shared/client.ts'
import { isOpenedAnew, loadPart, openAnew, PartGone } from '../shared/load-part.ts'
import { Loaded } from '../shared/loaded.tsx'
import { Screen } from '../shared/screen.tsx'
import { useLoaded } from '../shared/use-answer.ts'
import { words } from '../shared/words.ts'

type Load = () => Promise<ComponentType>

/**
 * A screen in a file of its own, which is loaded when the screen is opened. The screen before it stays
 * meanwhile. If the file is gone after a deployment, the document is opened anew: nothing was typed into this
 * screen yet, and the session is in the cookie.
 */
export const screenPart = (name: ScreenName, load: Load): ComponentType =>
  lazy(async () => {
    try {
      return await loadPart(load)
    } catch (error) {
      if (!(error instanceof PartGone) || isOpenedAnew()) return unloaded(name, load)
      openAnew()
      return new Promise(() => undefined)
    }
  })

/**
 * A screen that could not be loaded says so, and is tried again whenever it is opened. The menu of a
 * signed-in person leads on to the others.
 */
const unloaded = (name: ScreenName, load: Load) => () => {
  const answer = useLoaded(() => loadPart(load), [])
  useEffect(() => {
    if (isOwn(addressOf(name))) findSession().catch(() => undefined)
  }, [])
  if (answer.state === 'ready') return <answer.data />
  return (
    <Screen heading={words().titles[name]}>
      <Loaded answer={answer}>{() => null}</Loaded>
    </Screen>
  )
}
