import { useState } from 'preact/hooks'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { EmailField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Link, State, ToAccount } from './link.tsx'

/** Confirms the address of a new account, or mails another link. */
export function VerifyEmail() {
  const { verifyEmail } = accountWords.links
  const [isSent, setSent] = useState(false)
  const resend = async ({ email = '' }: Values) => {
    await call('resendVerification', { body: { email } })
    setSent(true)
  }
  if (isSent) return <State words={verifyEmail.sent} />
  return (
    <Link
      words={verifyEmail}
      send={(token) => call('verifyEmail', { body: { token } })}
      afterwards={<ToAccount label={verifyEmail.done.action} />}
      otherwise={
        <Form action={resend} submit={verifyEmail.useless.action}>
          <EmailField />
        </Form>
      }
    />
  )
}
