import { useEffect, useState } from 'preact/hooks'
import { call, findSession } from '../shared/client.ts'
import { useGoOn } from '../shared/destination.ts'
import { Refused } from '../shared/explain.ts'
import { linkToken } from '../shared/link-token.ts'
import { Waiting } from '../shared/loaded.tsx'
import { type Return, readReturn } from '../shared/provider.ts'
import { Screen } from '../shared/screen.tsx'
import { useSession } from '../shared/session.ts'
import { words } from '../shared/words.ts'
import { FirstStep } from './sign-in/first-step.tsx'
import { JourneySteps } from './sign-in/journey.tsx'
import type { Step } from './sign-in/steps.ts'
import { type Journey, useJourney } from './sign-in/use-journey.ts'

/** Signs in, and goes on to where the person came from. */
export function SignIn() {
  const goOn = useGoOn()
  const session = useSession()
  const journey = useJourney(firstOf(linkToken))
  const isReturning = useReturn(journey)
  useEffect(() => {
    // Opening a link sends nothing.
    if (journey.step.kind !== 'first') return
    if (session === 'unknown') findSession().catch(() => undefined)
    if (session === 'in') goOn()
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

let isTokenUsed = false

/** A mail and an operator have links to this screen. Another link's token waits for its own screen. */
function firstOf(token: string): Step {
  if (isTokenUsed || token === '') return { kind: 'first' }
  isTokenUsed = true
  if (token.startsWith('lk_signin_')) return { kind: 'mail-link', token }
  if (token.startsWith('lk_')) return { kind: 'first' }
  return { kind: 'enrol', asked: { enrolment_token: token, methods: ['totp', 'passkey'] }, isByLink: true }
}

/** Finishes a sign-in at a provider. @returns whether it is going on */
function useReturn({ advance, show }: Journey): boolean {
  const [returned, forget] = useState(readReturn)
  useEffect(() => {
    if (returned === undefined) return
    advance(() => finish(returned))
      .catch((error: unknown) => show({ kind: 'first', error }))
      .finally(() => forget(undefined))
  }, [])
  return returned !== undefined
}

async function finish({ exchange, error }: Return) {
  if (exchange === undefined) throw new Refused(error === 'invalid_credentials' ? 'not_linked' : 'provider_failed')
  return call('exchangeCode', { body: exchange })
}
