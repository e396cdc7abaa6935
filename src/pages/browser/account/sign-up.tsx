import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { canUsePasskeys } from '../shared/authenticator.ts'
import { call } from '../shared/client.ts'
import { isForApplication, onTheWay, useGoOn } from '../shared/destination.ts'
import { checkboxOf, DocumentFields, explainConsents, tickedOf } from '../shared/documents.tsx'
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
  const register = async (values: Values) => {
    const { email, fullName, consents } = typedIn(values)
    const body = {
      email,
      password: values.password ?? '',
      full_name: fullName,
      ...(consents.length > 0 && { consents }),
    }
    await call('register', { body }).catch((error: unknown) => Promise.reject(explainConsents(error)))
    journey.setTyped({ email, fullName, consents })
    onRegistered(body.password)
  }
  const begin = async (values: Values) => {
    const typed = typedIn(values)
    journey.setTyped(typed)
    await askForMail(typed).catch((error: unknown) => Promise.reject(explainConsents(error)))
    journey.show({ kind: 'mail' })
  }
  const documents = facts.documents.map(checkboxOf)
  const canBegin = facts.hasMailSignIn && canUsePasskeys
  const byProvider = facts.providers.map((name) => ({
    label: insert(signUp.withProvider, providerName(name)),
    fields: documents,
    action: (values: Values) => leaveFor(name, { screen: 'sign-up', consents: tickedOf(values) }),
  }))
  return (
    <Screen heading={titles['sign-up']}>
      <p>{isForApplication(query) ? comingBack.signUpLead : signUp.lead}</p>
      <Form
        action={register}
        submit={signUp.action}
        error={journey.step.kind === 'first' ? journey.step.error : undefined}
        alternatives={[
          ...(canBegin
            ? [{ label: signUp.withoutPassword, fields: ['email', 'full_name', ...documents], action: begin }]
            : []),
          ...byProvider,
        ]}
      >
        <EmailField value={journey.typed.email} />
        <Field name="full_name" label={signUp.name} hint={signUp.nameHint} autocomplete="name" isOptional />
        <NewPasswordField name="password" />
        <DocumentFields documents={facts.documents} ticked={journey.typed.consents} />
      </Form>
      <p class="end">
        {signUp.haveAccount} <a href={onTheWay('sign-in', query)}>{signIn.action}</a>
      </p>
    </Screen>
  )
}

const typedIn = (values: Values) => ({
  email: values.email ?? '',
  fullName: values.full_name?.trim() || null,
  consents: tickedOf(values),
})
