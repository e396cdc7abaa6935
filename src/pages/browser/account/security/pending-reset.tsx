import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Form } from '../../shared/form.tsx'
import { insert, timeOf } from '../../shared/words.ts'
import type { SectionProps } from './states.ts'

/** An operator was asked to remove the second factors. The owner can stop it. */
export function PendingReset({ factors: { reset }, go }: SectionProps) {
  const { heading, due, cancel, cancelled } = accountWords.security.reset
  if (reset === null) return null
  const stop = async () => {
    await call('keepOwnFactors')
    go.done(cancelled)
  }
  return (
    <div class="warning">
      <h2>{heading}</h2>
      <p>{insert(due, timeOf(reset.due_at))}</p>
      <Form action={stop} submit={cancel} look="plain" />
    </div>
  )
}
