import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Loaded } from './loaded.tsx'
import { useSession } from './session.ts'
import { onStepUp, type StepUpRequest } from './step-up.ts'
import { StepUpForm } from './step-up-form.tsx'
import { findAccount } from './step-up-proofs.ts'
import { useLoaded } from './use-answer.ts'
import { words } from './words.ts'

/**
 * Asks for a proof that the person is present, over the screen whose change waits for it. The browser keeps
 * the focus within the dialog, and returns it to where it was.
 */
export function StepUpDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [request, show] = useState<StepUpRequest>()
  const session = useSession()
  useLayoutEffect(() => onStepUp(show), [])
  useEffect(() => {
    if (request === undefined) dialog.current?.close()
    else dialog.current?.showModal()
  }, [request])
  useEffect(() => {
    if (session === 'out') request?.conclude(false)
  }, [session])
  return (
    <dialog ref={dialog} aria-labelledby="step-up" onCancel={() => request?.conclude(false)}>
      {request && <StepUp request={request} />}
    </dialog>
  )
}

function StepUp({ request }: { readonly request: StepUpRequest }) {
  const account = useLoaded(findAccount, [])
  return (
    <>
      <h2 id="step-up">{words().stepUp.heading}</h2>
      <Loaded answer={account}>{(found) => <StepUpForm account={found} request={request} />}</Loaded>
      {account.state !== 'ready' && (
        <p class="row">
          <button class="button other" type="button" onClick={() => request.conclude(false)}>
            {words().common.cancel}
          </button>
        </p>
      )}
    </>
  )
}
