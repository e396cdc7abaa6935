import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { addressOf, type ScreenName } from '../../screens.ts'
import { findSession } from './client.ts'
import { Waiting } from './loaded.tsx'
import { Problem } from './problem.tsx'
import { useSession } from './session.ts'
import { words } from './words.ts'

interface SignedInProps {
  readonly screen: ScreenName
  readonly children: ComponentChildren
}

/**
 * Shows a screen to a signed-in person. Anybody else signs in first and then comes back to it. Until the
 * service has said who it is, the screen has its heading and nothing personal.
 */
export function SignedIn({ screen, children }: SignedInProps) {
  const session = useSession()
  const { route } = useLocation()
  const [error, fail] = useState<unknown>()
  const find = () => {
    fail(undefined)
    findSession().catch(fail)
  }
  useEffect(() => {
    if (session === 'unknown') find()
    if (session === 'out') route(`${addressOf('sign-in')}?next=${encodeURIComponent(here())}`, true)
  }, [session])
  if (session === 'in') return <>{children}</>
  return (
    <>
      <h1>{words().titles[screen]}</h1>
      {error === undefined ? <Waiting /> : <Problem error={error} onAgain={find} />}
    </>
  )
}

/** The router leaves out the fragment. */
const here = (): string => location.pathname + location.search + location.hash
