import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import type { Operations } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { findSession } from '../../shared/client.ts'
import { Loaded, Waiting } from '../../shared/loaded.tsx'
import { Screen } from '../../shared/screen.tsx'
import { useSession } from '../../shared/session.ts'
import { useAnswer } from '../../shared/use-answer.ts'
import { insert, words } from '../../shared/words.ts'
import { firstStep, useReturn } from './begin.ts'
import { ContinueAs } from './continue-as.tsx'
import { FirstStep } from './first-step.tsx'
import { GoBack } from './go-back.tsx'
import { JourneySteps } from './journey.tsx'
import { useJourney } from './use-journey.ts'

/** What the application asks for. The page passes it on as it is, and the service judges it. */
export type Asked = Operations['checkReturn']['query']
/** What the service knows of the application. */
export type Application = Operations['checkReturn']['answer']

/** Signs in for an application, and goes back to it with a code. */
export function ToApplication() {
  const { query } = useLocation()
  const { return_to = '', state, code_challenge = '', code_challenge_method = '' } = query
  const asked: Asked = { return_to, code_challenge, code_challenge_method, ...(state !== undefined && { state }) }
  const check = useAnswer('checkReturn', { query: asked })
  if (check.state === 'failed' && isProblem(check.error, 'validation_failed')) return <WrongLink />
  return <Loaded answer={check}>{(application) => <SignInFor application={application} asked={asked} />}</Loaded>
}

/** There is no link to the application, because nobody knows whose it is. */
function WrongLink() {
  const { heading, text } = words().comingBack.wrong
  return (
    <Screen heading={heading}>
      {text.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
    </Screen>
  )
}

interface SignInForProps {
  readonly application: Application
  readonly asked: Asked
}

function SignInFor({ application, asked }: SignInForProps) {
  const { comingBack } = words()
  const journey = useJourney(firstStep)
  const isReturning = useReturn(journey)
  const [isPresent, setPresent] = useSessionOfBefore(journey.step.kind === 'first' && !isReturning)
  const { step, show } = journey
  const beginAgain = (error?: unknown) => {
    setPresent(false)
    show({ kind: 'first', error })
  }
  if (step.kind === 'done') return <GoBack {...{ application, asked }} onSignedOut={beginAgain} />
  if (isPresent === true && step.kind === 'first')
    return (
      <ContinueAs application={application} onContinue={() => show({ kind: 'done' })} onOther={() => beginAgain()} />
    )
  return (
    <JourneySteps journey={journey} onDone={() => show({ kind: 'done' })}>
      {isReturning || isPresent === undefined ? (
        <Waiting />
      ) : (
        <FirstStep
          journey={journey}
          heading={insert(comingBack.heading, application.host)}
          lead={comingBack.lead}
          giveUp={application.denied}
        />
      )}
    </JourneySteps>
  )
}

/**
 * Whether somebody was signed in before; undefined while the page asks.
 * @param isAsked whether it matters
 */
function useSessionOfBefore(isAsked: boolean) {
  const session = useSession()
  const [isPresent, setPresent] = useState(isAsked ? undefined : false)
  useEffect(() => {
    if (isPresent === undefined)
      findSession().then(
        (found) => setPresent(found),
        () => setPresent(false),
      )
  }, [])
  useEffect(() => {
    if (session === 'out' && isPresent) setPresent(false)
  }, [session])
  return [isPresent, setPresent] as const
}
