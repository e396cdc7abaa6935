import type { ComponentChildren } from 'preact'
import { useLocation } from 'preact-iso/router'
import { canUsePasskeys } from '../../shared/authenticator.ts'
import { onTheWay } from '../../shared/destination.ts'
import { facts } from '../../shared/facts.ts'
import { EmailField, PasswordField } from '../../shared/field.tsx'
import { type Alternative, Form, type Values } from '../../shared/form.tsx'
import { leaveFor } from '../../shared/provider.ts'
import { providerName } from '../../shared/provider-name.ts'
import { Screen } from '../../shared/screen.tsx'
import { words } from '../../shared/words.ts'
import { readRequest } from './kept-request.ts'
import { askForMail } from './mail-request.ts'
import { sendPasskey, usePasskey } from './passkey.ts'
import { signInWithPassword } from './password.ts'
import { useAutofill } from './use-autofill.ts'
import type { Journey } from './use-journey.ts'

interface FirstStepProps {
  readonly journey: Journey
  /** An application to go on to has words of its own. */
  readonly heading?: string
  readonly lead?: ComponentChildren
  /** The address to which a person goes who does not sign in. */
  readonly giveUp?: string
}

/** All ways to begin a sign-in. */
export function FirstStep({
  journey,
  heading = words().titles['sign-in'],
  lead = words().signIn.lead,
  giveUp,
}: FirstStepProps) {
  const { query } = useLocation()
  const offerAgain = useAutofill((offer, credential) => {
    journey
      .advance(() => sendPasskey(offer, credential))
      .catch((error: unknown) => journey.show({ kind: 'first', error }))
      .finally(offerAgain)
  })
  const signIn = async ({ email = '', password = '' }: Values) => {
    journey.setTyped({ email })
    await signInWithPassword(journey, { email, password })
  }
  const { step, typed } = journey
  return (
    <Screen heading={heading}>
      <p>{lead}</p>
      <Form
        action={signIn}
        submit={words().signIn.action}
        error={step.kind === 'first' ? step.error : undefined}
        aside={<a href={onTheWay('forgot-password', query)}>{words().signIn.forgotPassword}</a>}
        alternatives={waysOf(journey, offerAgain)}
      >
        <EmailField withPasskeys value={typed.email} />
        <PasswordField />
      </Form>
      {facts.screens.includes('sign-up') && (
        <p class="end">
          {words().signIn.noAccount} <a href={onTheWay('sign-up', query)}>{words().signIn.signUp}</a>
        </p>
      )}
      {giveUp !== undefined && (
        <p>
          <a href={giveUp}>{words().comingBack.giveUp}</a>
        </p>
      )}
    </Screen>
  )
}

/** What this browser and the service have beside passwords. */
function waysOf(journey: Journey, offerAgain: () => void): Alternative[] {
  const { signIn } = words()
  const byPasskey = () => journey.advance(usePasskey).finally(offerAgain)
  const byMail = async ({ email = '' }: Values) => {
    journey.setTyped({ email })
    await askForMail({ email })
    journey.show({ kind: 'mail' })
  }
  const typeCode = async () => journey.show({ kind: 'mail' })
  return [
    ...(canUsePasskeys ? [{ label: signIn.usePasskey, action: byPasskey }] : []),
    ...(facts.hasMailSignIn ? [{ label: signIn.mailCode, fields: ['email'], action: byMail }] : []),
    ...(readRequest() ? [{ label: signIn.enterCode, action: typeCode }] : []),
    ...facts.providers.map((name) => ({
      label: signIn.signInWith.replace('{provider}', () => providerName(name)),
      action: () => leaveFor(name),
    })),
  ]
}
