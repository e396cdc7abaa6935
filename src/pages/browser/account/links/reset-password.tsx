import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { NewPasswordField } from '../../shared/field.tsx'
import { words } from '../../shared/words.ts'
import { Link } from './link.tsx'

/** Sets a new password. */
export function ResetPassword() {
  const { resetPassword } = accountWords.links
  const send = (token: string, { new_password = '' }) => call('resetPassword', { body: { token, new_password } })
  return (
    <Link
      words={resetPassword}
      send={send}
      afterwards={
        <p>
          <a class="button" href={addressOf('sign-in')}>
            {words().signIn.action}
          </a>
        </p>
      }
      otherwise={
        <p>
          <a class="button" href={addressOf('forgot-password')}>
            {resetPassword.useless.action}
          </a>
        </p>
      }
    >
      <NewPasswordField />
    </Link>
  )
}
