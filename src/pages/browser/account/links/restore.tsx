import { isProblem } from '../../../../client/problem.ts'
import { EnrolmentRequiredError, SecondFactorRequiredError } from '../../../../client/second-factor.ts'
import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call, signOut } from '../../shared/client.ts'
import { linkToken } from '../../shared/link-token.ts'
import { Link, State } from './link.tsx'

/**
 * Restores a deleted account by a mailed link. Without a link, the account is restored where one signs in.
 */
export function Restore() {
  const { restore } = accountWords.links
  const { ask, signIn, resetRequired, useless } = restore
  const toSignIn = (
    <p>
      <a class="button" href={addressOf('sign-in')}>
        {signIn.action}
      </a>
    </p>
  )
  if (linkToken === '') return <State words={signIn}>{toSignIn}</State>
  return (
    <Link
      words={{ ask, useless, done: resetRequired, incomplete: signIn }}
      send={restoreByLink}
      otherwise={toSignIn}
      afterwards={
        <p>
          <a class="button" href={addressOf('forgot-password')}>
            {resetRequired.action}
          </a>
        </p>
      }
    />
  )
}

/**
 * The session that a link opens is ended, because it proves the mailbox alone. An account that may not sign
 * in now is restored as well, and gets no session.
 */
async function restoreByLink(token: string): Promise<void> {
  try {
    await call('restoreAccount', { body: { token } })
  } catch (error) {
    if (error instanceof SecondFactorRequiredError || error instanceof EnrolmentRequiredError) return
    if (isProblem(error, 'password_reset_required', 'second_factor_required', 'email_unverified')) return
    throw error
  }
  await signOut()
}
