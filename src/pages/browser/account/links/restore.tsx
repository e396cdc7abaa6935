import { isProblem } from '../../../../client/problem.ts'
import { EnrolmentRequiredError, SecondFactorRequiredError } from '../../../../client/second-factor.ts'
import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { strangerClient } from '../../shared/client.ts'
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
 * The session that a link opens is ended, because it proves the mailbox alone. This browser never has it: the
 * link may be of another account than the person is signed in to, and sent by its owner. An account that may
 * not sign in now is restored as well, and gets no session.
 */
async function restoreByLink(token: string): Promise<void> {
  const client = strangerClient()
  try {
    await client.call('restoreAccount', { body: { token } })
  } catch (error) {
    if (error instanceof SecondFactorRequiredError || error instanceof EnrolmentRequiredError) return
    if (isProblem(error, 'password_reset_required', 'second_factor_required', 'email_unverified')) return
    throw error
  }
  // If this fails, nobody has the tokens of the session, and the account is restored nevertheless.
  await client.signOut().catch(() => undefined)
}
