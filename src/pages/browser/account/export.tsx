import { useRef } from 'preact/hooks'
import { accountWords } from '../shared/account-words.ts'
import { Form } from '../shared/form.tsx'
import { Waiting } from '../shared/loaded.tsx'
import { Problem } from '../shared/problem.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { timeOf, words } from '../shared/words.ts'
import { Ready } from './export/ready.tsx'
import { type ExportState, useExport } from './export/use-export.ts'

/** A copy of everything that is stored about the person. */
export const Export = () => (
  <SignedIn screen="export">
    <Screen heading={words().titles.export}>
      <p>{accountWords.export.lead}</p>
      <Current />
    </Screen>
  </SignedIn>
)

function Current() {
  const { state, request, reload } = useExport()
  const text = accountWords.export
  const status = useRef<HTMLDivElement>(null)
  // The button that was pressed goes, so the focus moves to what is said in its place.
  const begin = async () => {
    await request()
    status.current?.focus()
  }
  if (state.is === 'waiting') return <Waiting />
  if (state.is === 'unknown') return <Problem error={state.error} onAgain={reload} />
  const isFirst = state.is === 'none'
  return (
    <>
      <div role="status" tabIndex={-1} ref={status}>
        <p class={state.is === 'failed' ? 'problem' : ''}>{describe(state)}</p>
      </div>
      {state.is === 'pending' && <progress aria-label={words().titles.export} />}
      {state.is === 'ready' && <Ready id={state.export.id} onGone={reload} />}
      {state.is !== 'pending' && (
        <Form action={begin} submit={isFirst ? text.request : text.requestAgain} {...(!isFirst && { look: 'plain' })} />
      )}
    </>
  )
}

function describe(state: Exclude<ExportState, { readonly is: 'waiting' } | { readonly is: 'unknown' }>): string {
  const { none, pending, ready, failed, expired } = accountWords.export
  switch (state.is) {
    case 'none':
      return none
    case 'pending':
      return pending
    case 'ready':
      return ready(timeOf(state.export.expires_at))
    case 'failed':
      return failed
    case 'expired':
      return expired
  }
}
