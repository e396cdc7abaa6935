import { useEffect, useRef, useState } from 'preact/hooks'
import { call } from './client.ts'
import { PasswordField, TotpField } from './field.tsx'
import { Form, type Values } from './form.tsx'
import { onStepUp, type StepUpRequest } from './step-up.ts'
import { words } from './words.ts'

/** Asks for a proof that the person is present, over the screen whose change waits for it. */
export function StepUpDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [request, show] = useState<StepUpRequest>()
  useEffect(() => onStepUp(show), [])
  useEffect(() => {
    if (request !== undefined) dialog.current?.showModal()
    else dialog.current?.close()
  }, [request])
  return (
    <dialog ref={dialog} aria-labelledby="step-up" onCancel={() => request?.conclude(false)}>
      {request && <Proof request={request} />}
    </dialog>
  )
}

function Proof({ request: { level, conclude } }: { readonly request: StepUpRequest }) {
  const needsTwo = level !== undefined && level !== 'aal0' && level !== 'aal1'
  const prove = async (proof: Values) => {
    await call('stepUp', { body: proof })
    conclude(true)
  }
  return (
    <>
      <h2 id="step-up">{words().stepUp.heading}</h2>
      <p>{needsTwo ? words().stepUp.totp : words().stepUp.password}</p>
      <Form
        action={prove}
        submit={words().stepUp.action}
        aside={
          <button class="button other" type="button" onClick={() => conclude(false)}>
            {words().common.cancel}
          </button>
        }
      >
        {needsTwo ? <TotpField /> : <PasswordField />}
      </Form>
    </>
  )
}
