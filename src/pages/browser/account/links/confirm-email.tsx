import { useEffect, useState } from 'preact/hooks'
import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call, findSession } from '../../shared/client.ts'
import { linkToken } from '../../shared/link-token.ts'
import { Waiting } from '../../shared/loaded.tsx'
import { Problem } from '../../shared/problem.tsx'
import { useSession } from '../../shared/session.ts'
import { Link, State, ToAccount } from './link.tsx'

/** Confirms a new address. The account must be signed in. */
export function ConfirmEmail() {
  const { confirmEmail } = accountWords.links
  const session = useSession()
  const [error, fail] = useState<unknown>()
  const find = () => {
    fail(undefined)
    findSession().catch(fail)
  }
  useEffect(() => {
    if (session === 'unknown') find()
  }, [])
  if (session === 'in' || linkToken === '')
    return (
      <Link
        words={confirmEmail}
        send={(token) => call('verifyEmail', { body: { token } })}
        afterwards={<ToAccount label={confirmEmail.done.action} />}
      />
    )
  if (error !== undefined) return <Problem error={error} onAgain={find} />
  if (session === 'unknown') return <Waiting />
  return (
    <State words={confirmEmail.ask}>
      <p>
        <a class="button" href={`${addressOf('sign-in')}?next=${encodeURIComponent(addressOf('confirm-email'))}`}>
          {confirmEmail.ask.signIn}
        </a>
      </p>
    </State>
  )
}
