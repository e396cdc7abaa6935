import { isProblem } from '../../../../client/problem.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { dateOf, insert } from '../../shared/words.ts'
import { AddButton } from './add-button.tsx'
import { Section } from './section.tsx'
import { hasSecondFactor, type SectionProps, showCodes } from './states.ts'

/** Whether the account signs in with two factors. */
export function TwoStepSection({ factors, go }: SectionProps) {
  const { two_step: twoStep } = factors
  const { heading, on, since, off, due, required, how, turnOn, turnOff, offHeading, offText, ...said } =
    accountWords.security.twoStep
  const dueAt = twoStep.due_at
  const add = async () => showCodes(go, await call('setTwoStep', { body: { enabled: true } }), said.turnedOn)
  const remove = async () => {
    try {
      await call('setTwoStep', { body: { enabled: false } })
    } catch (error) {
      throw isProblem(error, 'factor_required') ? new Refused('two_step_required') : error
    }
    go.done(said.turnedOff)
  }
  const askToTurnOff = () =>
    go.open({ name: 'confirm', of: { heading: offHeading, text: offText, action: turnOff, make: remove } })
  if (twoStep.enabled)
    return (
      <Section id="two-step" heading={heading}>
        <p>
          {on} {twoStep.since !== null && insert(since, dateOf(twoStep.since))}
        </p>
        {dueAt === null ? (
          <button class="button other" type="button" onClick={askToTurnOff}>
            {turnOff}
          </button>
        ) : (
          <p>{required}</p>
        )}
      </Section>
    )
  return (
    <Section id="two-step" heading={heading}>
      <p>
        {off} {dueAt !== null && insert(due, dateOf(dueAt))}
      </p>
      {hasSecondFactor(factors) ? <AddButton label={turnOn} action={add} email={factors.user_name} /> : <p>{how}</p>}
    </Section>
  )
}
