import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { canUsePasskeys } from '../shared/authenticator.ts'
import { call } from '../shared/client.ts'
import { isForApplication, onTheWay, useGoOn } from '../shared/destination.ts'
import { facts } from '../shared/facts.ts'
import { EmailField, Field, NewPasswordField } from '../shared/field.tsx'
import { Form, type Values } from '../shared/form.tsx'
import { Waiting } from '../shared/loaded.tsx'
import { leaveFor } from '../shared/provider.ts'
import { providerName } from '../shared/provider-name.ts'
import { Screen } from '../shared/screen.tsx'
import { insert, words } from '../shared/words.ts'
import { useReturn } from './sign-in/begin.ts'
import { JourneySteps } from './sign-in/journey.tsx'
import { askForMail } from './sign-in/mail-request.ts'
import { type Journey, useJourney } from './sign-in/use-journey.ts'
import { Registered } from './sign-up/registered.tsx'

/** Creates an account: with a password, or where the service mails codes, with a passkey. */
export function SignUp() {
  const journey = useJourney(() => ({ kind: 'first' }))
  const goOn = useGoOn()
  const isReturning = useReturn(journey, 'sign-up')
  const [password, setPassword] = useState<string>()
  return (
    <JourneySteps journey={journey} onDone={goOn}>
      {isReturning ? (
        <Screen heading={words().titles['sign-up']}>
          <Waiting />
        </Screen>
      ) : password === undefined ? (
        <NewAccount journey={journey} onRegistered={setPassword} />
      ) : (
        <Registered journey={journey} password={password} onOther={() => setPassword(undefined)} />
      )}
    </JourneySteps>
  )
}

interface NewAccountProps {
  readonly journey: Journey
  readonly onRegistered: (password: string) => void
}

function NewAccount({ journey, onRegistered }: NewAccountProps) {
  const { query } = useLocation()
  const { titles, signUp, signIn, comingBack } = words()
  const register = async ({ email = '', password = '', full_name = '' }: Values) => {
    const fullName = nameOf(full_name)
    await call('register', { body: { email, password, full_name: fullName } })
    journey.setTyped({ email, fullName })
    onRegistered(password)
  }
  const begin = async ({ email = '', full_name = '' }: Values) => {
    const typed = { email, fullName: nameOf(full_name) }
    journey.setTyped(typed)
    await askForMail(typed)
    journey.show({ kind: 'mail' })
  }
  const canBegin = facts.hasMailSignIn && canUsePasskeys
  const byProvider = facts.providers.map((name) => ({
    label: insert(signUp.withProvider, providerName(name)),
    action: () => leaveFor(name, { screen: 'sign-up' }),
  }))
  return (
    <Screen heading={titles['sign-up']}>
      <p>{isForApplication(query) ? comingBack.signUpLead : signUp.lead}</p>
      <Form
        action={register}
        submit={signUp.action}
        error={journey.step.kind === 'first' ? journey.step.error : undefined}
        alternatives={[
          ...(canBegin ? [{ label: signUp.withoutPassword, fields: ['email', 'full_name'], action: begin }] : []),
          ...byProvider,
        ]}
      >
        <EmailField value={journey.typed.email} />
        <Field name="full_name" label={signUp.name} hint={signUp.nameHint} autocomplete="name" isOptional />
        <NewPasswordField name="password" />
      </Form>
      <p class="end">
        {signUp.haveAccount} <a href={onTheWay('sign-in', query)}>{signIn.action}</a>
      </p>
    </Screen>
  )
}

const nameOf = (typed: string): string | null => (typed.trim() === '' ? null : typed.trim())
