import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { dateOf, insert } from '../../shared/words.ts'
import { AddButton } from './add-button.tsx'
import { Section } from './section.tsx'
import type { SectionProps } from './states.ts'

/** The authenticator app. */
export function TotpSection({ factors: { totp, user_name: email }, go }: SectionProps) {
  const { heading, added, unset, add, replace, remove, removeHeading, removeText, removed } = accountWords.security.app
  const begin = async () => go.open({ name: 'add-totp', offer: await call('offerTotp'), replaces: totp !== null })
  const drop = async () => {
    await call('removeTotp')
    go.done(removed)
  }
  const askToRemove = () =>
    go.open({ name: 'confirm', of: { heading: removeHeading, text: removeText, action: remove, make: drop } })
  if (totp === null)
    return (
      <Section id="app" heading={heading}>
        <p>{unset}</p>
        <AddButton label={add} action={begin} email={email} />
      </Section>
    )
  return (
    <Section id="app" heading={heading}>
      <p>{insert(added, dateOf(totp.created_at))}</p>
      <div class="actions">
        <AddButton label={replace} action={begin} email={email} />
        <button class="button other" type="button" onClick={askToRemove}>
          {remove}
        </button>
      </div>
    </Section>
  )
}
