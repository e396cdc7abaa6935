import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { call } from '../shared/client.ts'
import { onTheWay } from '../shared/destination.ts'
import { EmailField } from '../shared/field.tsx'
import { Form, type Values } from '../shared/form.tsx'
import { Screen, unbroken } from '../shared/screen.tsx'
import { words } from '../shared/words.ts'

/** Has a link mailed that sets a new password. */
export function ForgotPassword() {
  const { query } = useLocation()
  const { titles, forgotPassword } = words()
  const { lead, action, sent, back } = forgotPassword
  const [isSent, setSent] = useState(false)
  const send = async ({ email = '' }: Values) => {
    await call('requestPasswordReset', { body: { email } })
    setSent(true)
  }
  const toSignIn = <a href={onTheWay('sign-in', query)}>{back}</a>
  return isSent ? (
    <Screen heading={sent.heading}>
      {sent.text.map((text) => (
        <p key={text}>{unbroken(text)}</p>
      ))}
      <p class="end">{toSignIn}</p>
    </Screen>
  ) : (
    <Screen heading={titles['forgot-password']}>
      <p>{lead}</p>
      <Form action={send} submit={action}>
        <EmailField />
      </Form>
      <p class="end">{toSignIn}</p>
    </Screen>
  )
}
