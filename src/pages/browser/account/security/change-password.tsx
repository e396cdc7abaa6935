import { isProblem } from '../../../../client/problem.ts'
import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Field, NewPasswordField, OwnerField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Cancel } from './confirm.tsx'
import type { Go } from './states.ts'

interface ChangePasswordProps {
  /** The address of the account. */
  readonly userName: string | null
  readonly go: Go
}

/** Changes the password of somebody who knows it. */
export function ChangePassword({ userName, go }: ChangePasswordProps) {
  const text = accountWords.security.password
  const change = async ({ current_password = '', new_password = '' }: Values) => {
    try {
      await call('changePassword', { body: { current_password, new_password } })
    } catch (error) {
      throw isProblem(error, 'invalid_credentials') ? new Refused('wrong_password', 'current_password') : error
    }
    go.done(text.changeDone)
  }
  return (
    <>
      <p>{text.changeText}</p>
      <Form action={change} submit={text.changeAction} aside={<Cancel go={go} />}>
        <OwnerField email={userName} />
        <Field name="current_password" type="password" label={text.current} autocomplete="current-password" />
        <NewPasswordField />
      </Form>
      <p>
        <a href={addressOf('forgot-password')}>{text.forgotten}</a>
      </p>
    </>
  )
}
