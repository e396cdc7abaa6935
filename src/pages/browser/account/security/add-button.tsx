import { useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Form } from '../../shared/form.tsx'
import { insert } from '../../shared/words.ts'

interface AddButtonProps {
  readonly label: string
  readonly action: () => Promise<unknown>
  /** The address of the account, if the service could read it. */
  readonly email: string | null
}

/**
 * A button that adds or changes a factor. An account whose address is not proven may have none: then it says
 * what to do.
 */
export function AddButton({ label, action, email }: AddButtonProps) {
  const [isUnproven, setUnproven] = useState(false)
  const add = async () => {
    setUnproven(false)
    try {
      await action()
    } catch (error) {
      if (!isProblem(error, 'email_unverified')) throw error
      setUnproven(true)
      throw new Refused()
    }
  }
  return (
    <div>
      <Form action={add} submit={label} look="plain" />
      {isUnproven && <Unproven email={email} />}
    </div>
  )
}

function Unproven({ email }: { readonly email: string | null }) {
  const { heading, text, send, sent } = accountWords.security.unproven
  const [isSent, setSent] = useState(false)
  const resend = async () => {
    if (email !== null) await call('resendVerification', { body: { email } })
    setSent(true)
  }
  return (
    <div class="warning" role="alert">
      <h3>{heading}</h3>
      <p>{text}</p>
      {isSent ? (
        <p>{insert(sent, email ?? '')}</p>
      ) : (
        email !== null && <Form action={resend} submit={send} look="plain" />
      )}
    </div>
  )
}
