import { useLocation } from 'preact-iso/router'
import type { SignUpAsked } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { canUsePasskeys, createPasskey } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { onTheWay } from '../../shared/destination.ts'
import { Refused } from '../../shared/explain.ts'
import { Form } from '../../shared/form.tsx'
import { Screen } from '../../shared/screen.tsx'
import { words } from '../../shared/words.ts'
import { TimeLeft } from './time-left.tsx'
import type { Journey } from './use-journey.ts'

interface FirstPasskeyProps {
  readonly journey: Journey
  readonly asked: SignUpAsked
  readonly endsAtMs: number
}

/** The address of a new account is proven. Its first passkey creates the account. */
export function FirstPasskey({ journey, asked, endsAtMs }: FirstPasskeyProps) {
  const { firstPasskey } = words().signUp
  const { query } = useLocation()
  const create = () => journey.advance(() => createAccount(asked.sign_up_token))
  // Where this is the screen for signing up, the link leads to the address that is open already.
  const beginAgain = () => journey.show({ kind: 'first' })
  return (
    <Screen heading={firstPasskey.heading}>
      <p>{canUsePasskeys ? firstPasskey.text : firstPasskey.none}</p>
      <TimeLeft endsAtMs={endsAtMs} onEnd={journey.expire} />
      {canUsePasskeys && <Form action={create} submit={firstPasskey.action} />}
      <p class="end">
        <a href={onTheWay('sign-up', query)} onClick={beginAgain}>
          {firstPasskey.password}
        </a>
      </p>
    </Screen>
  )
}

async function createAccount(signUpToken: string) {
  const body = { sign_up_token: signUpToken }
  try {
    const { ticket, public_key } = await call('offerFirstPasskey', { body })
    const credential = await createPasskey(public_key)
    return await call('signUpWithPasskey', { body: { ...body, ticket, credential } })
  } catch (error) {
    throw isProblem(error, 'invalid_token') ? new Refused('took_too_long') : error
  }
}
