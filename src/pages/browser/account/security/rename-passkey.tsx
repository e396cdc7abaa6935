import type { Passkey } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Field } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Cancel } from './confirm.tsx'
import { nameOf } from './passkey-row.tsx'
import type { Go } from './states.ts'

/** Gives a passkey another name. */
export function RenamePasskey({ passkey, go }: { readonly passkey: Passkey; readonly go: Go }) {
  const { name: label, renameText, renameAction, renamed } = accountWords.security.passkeys
  const rename = async ({ name = '' }: Values) => {
    await call('renamePasskey', { params: { id: passkey.id }, body: { name } })
    go.done(renamed)
  }
  return (
    <>
      <p>{renameText}</p>
      <Form action={rename} submit={renameAction} aside={<Cancel go={go} />}>
        <Field name="name" label={label} autocomplete="off" value={nameOf(passkey)} maxLength={64} />
      </Form>
    </>
  )
}
