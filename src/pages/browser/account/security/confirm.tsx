import { Form } from '../../shared/form.tsx'
import { words } from '../../shared/words.ts'
import type { Confirmation, Go } from './states.ts'

/** Asks before a change that cannot be taken back. */
export const Confirm = ({ of: { text, about, action, make }, go }: { readonly of: Confirmation; readonly go: Go }) => (
  <>
    {about !== undefined && <p class="chosen">{about}</p>}
    <p>{text}</p>
    <Form action={make} submit={action} look="danger" aside={<Cancel go={go} />} />
  </>
)

export const Cancel = ({ go }: { readonly go: Go }) => (
  <button class="button other" type="button" onClick={() => go.done()}>
    {words().common.cancel}
  </button>
)
