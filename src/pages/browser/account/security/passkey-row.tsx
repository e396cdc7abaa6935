import type { Passkey } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { dateOf, insert } from '../../shared/words.ts'
import type { Go } from './states.ts'

interface PasskeyRowProps {
  readonly passkey: Passkey
  readonly go: Go
}

/** A passkey or security key, with what its owner can do. */
export function PasskeyRow({ passkey, go }: PasskeyRowProps) {
  const text = accountWords.security.passkeys
  const name = nameOf(passkey)
  const remove = async () => {
    await call('removePasskey', { params: { id: passkey.id } })
    go.done(text.removed)
  }
  const { removeHeading: heading, removeText, remove: action } = text
  const askToRemove = () =>
    go.open({ name: 'confirm', of: { heading, text: removeText, about: name, action, make: remove } })
  return (
    <li>
      <h3>{name}</h3>
      {passkey.suspended && <p class="problem">{text.suspended}</p>}
      {passkey.other_domain && <p class="problem">{text.otherDomain}</p>}
      <p class="hint">{describe(passkey).join(' ')}</p>
      <p class="row">
        <button
          class="button other"
          type="button"
          aria-label={insert(text.renameThis, name)}
          onClick={() => go.open({ name: 'rename', passkey })}
        >
          {text.rename}
        </button>
        <button class="button other" type="button" aria-label={insert(text.removeThis, name)} onClick={askToRemove}>
          {text.remove}
        </button>
      </p>
    </li>
  )
}

/** What its owner called it, or what it is. */
export function nameOf({ name, second_factor_only: isKey }: Passkey): string {
  const { passkey, key } = accountWords.security.passkeys
  return name ?? (isKey ? key : passkey)
}

/** Sentences. */
function describe({ name, provider, created_at, last_used_at, synced, second_factor_only }: Passkey): string[] {
  const text = accountWords.security.passkeys
  return [
    provider !== null ? insert(text.provider, provider) : '',
    insert(text.added, dateOf(created_at)),
    last_used_at === null ? text.unused : insert(text.used, dateOf(last_used_at)),
    synced ? text.synced : '',
    second_factor_only && name !== null ? text.secondFactorOnly : '',
  ].filter((sentence) => sentence !== '')
}
