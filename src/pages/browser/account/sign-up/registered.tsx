import { useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Form } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { insert, words } from '../../shared/words.ts'
import { signInWithPassword } from '../sign-in/password.ts'
import type { Journey } from '../sign-in/use-journey.ts'

interface RegisteredProps {
  readonly journey: Journey
  /** It signs in when the address is confirmed, so that nobody types it twice. It is in memory alone. */
  readonly password: string
  readonly onOther: () => void
}

/** A link that confirms the address is on its way. */
export function Registered({ journey, password, onOther }: RegisteredProps) {
  const { sent } = words().signUp
  const { email } = journey.typed
  const [round, setRound] = useState(0)
  const signIn = () =>
    signInWithPassword(journey, { email, password }).catch((error: unknown) => {
      // A service that hides which addresses have accounts answers as for a wrong password.
      throw isProblem(error, 'email_unverified', 'invalid_credentials') ? new Refused('not_confirmed') : error
    })
  const resend = async () => {
    await call('resendVerification', { body: { email } })
    setRound(round + 1)
  }
  return (
    <Screen heading={sent.heading}>
      {sent.text.map((text) => (
        <p key={text}>{unbroken(insert(text, email))}</p>
      ))}
      <Notice text={round > 0 ? sent.sentAgain : ''} round={round} />
      <Form
        action={signIn}
        submit={sent.action}
        alternatives={[
          { label: sent.again, action: resend },
          { label: sent.otherAddress, action: async () => onOther() },
        ]}
      />
    </Screen>
  )
}
