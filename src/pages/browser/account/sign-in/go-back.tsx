import { useEffect } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Problem } from '../../shared/problem.tsx'
import { Screen } from '../../shared/screen.tsx'
import { useLoaded } from '../../shared/use-answer.ts'
import { insert, words } from '../../shared/words.ts'
import type { Application, Asked } from './to-application.tsx'

interface GoBackProps {
  readonly application: Application
  readonly asked: Asked
  /** The session has ended, or is not enough. The person signs in again. */
  readonly onSignedOut: (error: unknown) => void
}

/** Has the service say where to go, with a code in it, and goes there. */
export function GoBack({ application, asked, onSignedOut }: GoBackProps) {
  const { continueHeading, goingOn, giveUp } = words().comingBack
  const answer = useLoaded(async () => {
    const body = { ...asked, code_challenge_method: 'S256' } as const
    // The address of this page is replaced, because a person who goes back wants to be in the application.
    location.replace((await call('returnToApplication', { body })).location)
  }, [])
  const error = answer.state === 'failed' ? answer.error : undefined
  useEffect(() => {
    if (isProblem(error, 'invalid_access_token', 'invalid_refresh_token')) onSignedOut(new Refused('signed_out'))
    if (isProblem(error, 'factor_enrolment_required', 'second_factor_required', 'step_up_required')) onSignedOut(error)
  }, [error])
  return (
    <Screen heading={insert(continueHeading, application.host)}>
      {answer.state === 'failed' ? (
        <Problem error={answer.error} onAgain={answer.reload} />
      ) : (
        <p role="status">{goingOn}</p>
      )}
      <p class="end">
        <a href={application.denied}>{giveUp}</a>
      </p>
    </Screen>
  )
}
