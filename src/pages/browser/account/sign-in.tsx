import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { findSession } from '../shared/client.ts'
import { isForApplication, useGoOn } from '../shared/destination.ts'
import { Waiting } from '../shared/loaded.tsx'
import { isForOtherTab } from '../shared/provider-tab.ts'
import { Screen } from '../shared/screen.tsx'
import { useSession } from '../shared/session.ts'
import { words } from '../shared/words.ts'
import { firstStep, useReturn } from './sign-in/begin.ts'
import { FirstStep } from './sign-in/first-step.tsx'
import { JourneySteps } from './sign-in/journey.tsx'
import { afterSignIn } from './sign-in/steps.ts'
import { ToApplication } from './sign-in/to-application.tsx'
import { useJourney } from './sign-in/use-journey.ts'

/** Signs in, and goes on to where the person came from. */
export function SignIn() {
  const { query } = useLocation()
  if (isForOtherTab) return <BackToOtherTab />
  return isForApplication(query) ? <ToApplication /> : <ToScreen />
}

/** For browsers that do not let a script close the tab. */
const BackToOtherTab = () => (
  <Screen heading={words().stepUp.otherTab}>
    <p>{words().stepUp.otherTabLead}</p>
  </Screen>
)

function ToScreen() {
  const goOn = useGoOn()
  const session = useSession()
  const journey = useJourney(firstStep)
  const isReturning = useReturn(journey)
  useEffect(() => {
    // Opening a link sends nothing.
    if (journey.step.kind !== 'first') return
    if (session === 'unknown') findSession().catch(() => undefined)
    if (session === 'in') journey.show(afterSignIn())
  }, [session])
  return (
    <JourneySteps journey={journey} onDone={goOn}>
      {isReturning ? (
        <Screen heading={words().titles['sign-in']}>
          <Waiting />
        </Screen>
      ) : (
        <FirstStep journey={journey} />
      )}
    </JourneySteps>
  )
}
