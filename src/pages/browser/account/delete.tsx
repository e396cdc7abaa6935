import { useState } from 'preact/hooks'
import type { Deletion, Me } from '../../../client/api.ts'
import { DAY_MS } from '../../../core/time.ts'
import { addressOf } from '../../screens.ts'
import { accountWords } from '../shared/account-words.ts'
import { call, signOut } from '../shared/client.ts'
import { Refused } from '../shared/explain.ts'
import { facts } from '../shared/facts.ts'
import { Field } from '../shared/field.tsx'
import { Form, type Values } from '../shared/form.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Screen, unbroken } from '../shared/screen.tsx'
import { forgetSession } from '../shared/session.ts'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { dateOf, timeOf, words } from '../shared/words.ts'

/** Closes the account. What is left then is the way to restore it. */
export function Delete() {
  const [deletion, setDeletion] = useState<Deletion>()
  if (deletion !== undefined) return <Deleted deletion={deletion} />
  return (
    <SignedIn screen="delete">
      <Screen heading={words().titles.delete}>
        <Plan />
        <Loaded answer={useAnswer('getMe')}>{(me) => <Confirm me={me} onDeleted={setDeletion} />}</Loaded>
      </Screen>
    </SignedIn>
  )
}

/** What happens when. */
function Plan() {
  const { lead, now, nowWhat, until, untilWhat, after, afterWhat, keep, toExport } = accountWords.delete
  const end = dateOf(new Date(Date.now() + facts.graceDays * DAY_MS).toISOString())
  const steps = [
    [now, nowWhat],
    [until(end), untilWhat],
    [after(end), afterWhat],
  ] as const
  return (
    <>
      <p>{lead}</p>
      <dl>
        {steps.map(([when, what]) => (
          <div key={when} class="step">
            <dt>{when}</dt>
            <dd>{unbroken(what)}</dd>
          </div>
        ))}
      </dl>
      <p>
        {keep} <a href={addressOf('export')}>{toExport}</a>
      </p>
    </>
  )
}

interface ConfirmProps {
  readonly me: Me
  readonly onDeleted: (deletion: Deletion) => void
}

function Confirm({ me: { email }, onDeleted }: ConfirmProps) {
  const { confirm, action } = accountWords.delete
  // The service answers a repeated request, after a lost answer, as it answered the first one.
  const [key] = useState(() => crypto.randomUUID())
  const remove = async ({ confirmation = '' }: Values) => {
    if (confirmation.trim().toLowerCase() !== email.toLowerCase())
      throw new Refused('confirmation_refused', 'confirmation')
    const deletion = await call('deleteMe', { headers: { 'idempotency-key': key } })
    onDeleted(deletion)
    // The service has ended every session of the account already.
    await signOut().catch(() => forgetSession('everywhere'))
  }
  return (
    <Form action={remove} submit={action} look="danger">
      <Field name="confirmation" label={confirm(email)} autocomplete="off" />
    </Form>
  )
}

function Deleted({ deletion }: { readonly deletion: Deletion }) {
  const { heading, text, after, restore } = accountWords.delete.done
  return (
    <Screen heading={heading}>
      <p>{text(timeOf(deletion.restore_until))}</p>
      <p>{unbroken(after)}</p>
      <p>
        <a class="button other" href={addressOf('restore')}>
          {restore}
        </a>
      </p>
    </Screen>
  )
}
