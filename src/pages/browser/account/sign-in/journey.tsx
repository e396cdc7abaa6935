import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { later } from './later.tsx'
import { MailCode, MailLink } from './mail.tsx'
import { RestoreOffer } from './restore-offer.tsx'
import { SecondStep } from './second-step.tsx'
import { RecoveryCodeUsed, UselessLink } from './small-steps.tsx'
import { afterSignIn } from './steps.ts'
import type { Journey } from './use-journey.ts'

const Agree = later(() => import('./agree.tsx').then((file) => file.Agree))
const Enrol = later(() => import('./enrol.tsx').then((file) => file.Enrol))
// In the same file, so that codes that are shown once are never without the screen that shows them.
const NewCodes = later(() => import('./enrol.tsx').then((file) => file.NewCodes))
const FirstPasskey = later(() => import('./first-passkey.tsx').then((file) => file.FirstPasskey))

interface JourneyStepsProps {
  readonly journey: Journey
  /** The first step. */
  readonly children: ComponentChildren
  /** The person is signed in. */
  readonly onDone: () => void
}

/** The step at which a person is. */
export function JourneySteps({ journey, children, onDone }: JourneyStepsProps) {
  const { step } = journey
  useEffect(() => {
    if (step.kind === 'done') onDone()
  }, [step.kind])
  const end = () => journey.show(afterSignIn())
  const begin = () => journey.show({ kind: 'first' })
  switch (step.kind) {
    case 'first':
    case 'done':
      return <>{children}</>
    case 'agree':
      return <Agree journey={journey} onEnd={() => journey.show({ kind: 'done' })} />
    case 'second-factor':
      return <SecondStep {...step} journey={journey} />
    case 'restore':
      return <RestoreOffer {...step} journey={journey} />
    case 'mail':
      return <MailCode journey={journey} />
    case 'mail-link':
      return <MailLink {...step} journey={journey} />
    case 'useless-link':
      return <UselessLink onEnd={begin} />
    case 'used-code':
      return <RecoveryCodeUsed {...step} onEnd={end} />
    case 'enrol':
      return <Enrol step={step} journey={journey} />
    case 'new-passkey':
      return <FirstPasskey {...step} journey={journey} />
    case 'codes':
      return <NewCodes codes={step.codes} onEnd={step.isSignedIn ? end : begin} />
  }
}
