import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Field } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { unbroken } from '../../shared/screen.tsx'
import { useNotice } from '../../shared/use-notice.ts'

/** Changes the address of the account, which the new address has to confirm. */
export function Address({ current }: { readonly current: string }) {
  const [news, say] = useNotice()
  const { heading, current: isCurrent, field, hint, action, sent: isSent, undo } = accountWords.profile.address
  const change = async ({ new_email = '' }: Values) => {
    await call('changeEmail', { body: { new_email } })
    say(isSent(new_email))
  }
  return (
    <>
      <h2>{heading}</h2>
      <p>{isCurrent(current)}</p>
      <p>{unbroken(undo)}</p>
      <Notice {...news} />
      <Form action={change} submit={action} look="plain">
        <Field name="new_email" type="email" inputMode="email" label={field} hint={hint} autocomplete="email" />
      </Form>
    </>
  )
}
