import type { Identity } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { addressOf } from '../../../screens.ts'
import { accountWords } from '../../shared/account-words.ts'
import { canUsePasskeys } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { Form } from '../../shared/form.tsx'
import { providerName } from '../../shared/provider-name.ts'
import { isUsable } from '../../shared/step-up-proofs.ts'
import { dateOf, insert, listOf } from '../../shared/words.ts'
import { Section } from './section.tsx'
import type { SectionProps } from './states.ts'

/** The password, and accounts elsewhere that sign in. */
export function PasswordSection({
  factors,
  identities,
  go,
}: SectionProps & { readonly identities: readonly Identity[] }) {
  const { password, user_name: userName } = factors
  const text = accountWords.security.password
  return (
    <Section id="password" heading={text.heading}>
      <p>
        <span>{password.set ? text.set : text.unset}</span>{' '}
        {password.changed_at !== null && insert(text.changed, dateOf(password.changed_at))}
      </p>
      {identities.length > 0 && <p>{insert(text.providers, namesOf(identities))}</p>}
      {password.set ? (
        <div class="actions">
          <button class="button other" type="button" onClick={() => go.open({ name: 'change-password', userName })}>
            {text.change}
          </button>
          <RemovePassword factors={factors} go={go} />
        </div>
      ) : (
        <FirstPassword factors={factors} go={go} />
      )}
    </Section>
  )
}

const namesOf = (identities: readonly Identity[]): string =>
  listOf(new Set(identities.map(({ provider }) => providerName(provider))))

/** Only a link to the mailbox sets the first password. */
function FirstPassword({ factors: { user_name: email }, go }: SectionProps) {
  const { first, firstSent } = accountWords.security.password
  if (email === null) return <a href={addressOf('forgot-password')}>{first}</a>
  const send = async () => {
    await call('requestPasswordReset', { body: { email } })
    go.done(insert(firstSent, email))
  }
  return <Form action={send} submit={first} look="plain" />
}

/** An account may do without a password where one lost device locks nobody out. */
function RemovePassword({ factors: { passkeys, recovery_codes: codes }, go }: SectionProps) {
  const text = accountWords.security.password
  const own = passkeys.filter((passkey) => isUsable(passkey) && !passkey.second_factor_only).length
  if (own === 0 || !canUsePasskeys) return null
  if (own === 1 && (codes?.left ?? 0) === 0) return <p class="hint">{text.needed}</p>
  const remove = async () => {
    try {
      await call('removePassword')
    } catch (error) {
      throw isProblem(error, 'last_credential') ? new Refused('password_needed') : error
    }
    go.done(text.removed)
  }
  const { removeHeading: heading, removeText, remove: action } = text
  return (
    <button
      class="button other"
      type="button"
      onClick={() => go.open({ name: 'confirm', of: { heading, text: removeText, action, make: remove } })}
    >
      {action}
    </button>
  )
}
