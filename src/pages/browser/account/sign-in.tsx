import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { type SecondFactorAsked, SecondFactorRequiredError } from '../../../client/second-factor.ts'
import { addressOf, isAddress } from '../../screens.ts'
import { call, findSession } from '../shared/client.ts'
import { EmailField, PasswordField, TotpField } from '../shared/field.tsx'
import { Form, type Values } from '../shared/form.tsx'
import { Screen } from '../shared/screen.tsx'
import { useSession } from '../shared/session.ts'
import { words } from '../shared/words.ts'

/** Signs in, and goes on to where the person came from. */
export function SignIn() {
  const { route, query } = useLocation()
  const session = useSession()
  const [asked, ask] = useState<SecondFactorAsked>()
  useEffect(() => {
    if (session === 'unknown') findSession().catch(() => undefined)
    if (session === 'in') route(isAddress(query.next) ? query.next : addressOf('home'), true)
  }, [session])

  const signIn = async ({ email = '', password = '' }: Values) => {
    try {
      await call('login', { body: { email, password } })
    } catch (error) {
      if (!(error instanceof SecondFactorRequiredError)) throw error
      ask(error.asked)
    }
  }
  return asked === undefined ? (
    <Screen heading={words().titles['sign-in']}>
      <p>{words().signIn.lead}</p>
      <Form action={signIn} submit={words().signIn.action}>
        <EmailField withPasskeys />
        <PasswordField />
      </Form>
    </Screen>
  ) : (
    <SecondStep asked={asked} />
  )
}

function SecondStep({ asked }: { readonly asked: SecondFactorAsked }) {
  const prove = ({ totp = '' }: Values) => call('proveSecondFactor', { body: { mfa_token: asked.mfa_token, totp } })
  return (
    <Screen heading={words().secondStep.heading}>
      <p>{words().secondStep.lead}</p>
      <Form action={prove} submit={words().secondStep.action}>
        <TotpField />
      </Form>
    </Screen>
  )
}
