import { accountWords } from '../../shared/account-words.ts'
import { canUsePasskeys, createPasskey } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { AddButton } from './add-button.tsx'
import { PasskeyRow } from './passkey-row.tsx'
import { Section } from './section.tsx'
import { type Go, type SectionProps, showCodes } from './states.ts'

/** Passkeys and security keys. A browser or a service without passkeys shows them, and adds none. */
export function PasskeysSection({ factors: { passkeys, user_name: email }, go }: SectionProps) {
  const { heading, about, unset, add, addKey } = accountWords.security.passkeys
  return (
    <Section id="passkeys" heading={heading}>
      <p>{about}</p>
      {passkeys.length === 0 && <p>{unset}</p>}
      {passkeys.length > 0 && (
        <ul class="rows">
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} go={go} />
          ))}
        </ul>
      )}
      {canUsePasskeys && (
        <div class="actions">
          <AddButton label={add} action={() => addPasskey(go, 'passkey')} email={email} />
          <AddButton label={addKey} action={() => addPasskey(go, 'security_key')} email={email} />
        </div>
      )}
    </Section>
  )
}

async function addPasskey(go: Go, kind: 'passkey' | 'security_key'): Promise<void> {
  const { addedPasskey, addedKey } = accountWords.security.passkeys
  const { ticket, public_key: publicKey } = await call('offerPasskey', { body: { kind } })
  const added = await call('addPasskey', { body: { ticket, credential: await createPasskey(publicKey) } })
  await renewTokens()
  showCodes(go, added, kind === 'passkey' ? addedPasskey : addedKey)
}

/**
 * The session has proven a new factor, which its access token does not say yet. Without a new one, the next
 * change asks for a step-up.
 */
export const renewTokens = (): Promise<unknown> => call('refresh', { body: {} }).catch(() => undefined)
