import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { isProblem } from '../../../client/problem.ts'
import { call } from './client.ts'
import { Refused } from './explain.ts'
import { Form } from './form.tsx'
import { providerName } from './provider-name.ts'
import { signInInTab } from './provider-tab.ts'
import { insert, words } from './words.ts'

interface StepUpByProviderProps {
  /** At least one. */
  readonly providers: readonly string[]
  readonly cancel: ComponentChildren
  readonly onProven: () => void
  /** The account needs two factors meanwhile. */
  readonly onRaise: () => void
}

/**
 * Asks the person to sign in again at a linked provider, in a tab of its own. It can be begun again at any
 * time, because the page is not told when the person closes that tab.
 */
export function StepUpByProvider({ providers, cancel, onProven, onRaise }: StepUpByProviderProps) {
  const [isOpen, open] = useState(false)
  const [error, fail] = useState<unknown>()
  const refuse = (reason: unknown) => {
    open(false)
    if (isProblem(reason, 'second_factor_required')) return onRaise()
    fail(isProblem(reason, 'invalid_token') ? new Refused('provider_not_confirmed') : reason)
  }
  const begin = async (provider: string) => {
    const answer = signInInTab(provider)
    open(true)
    fail(undefined)
    void answer.then((body) => call('stepUp', { body })).then(onProven, refuse)
  }
  const { stepUp } = words()
  const [first = '', ...others] = providers
  return (
    <>
      <p role="status">{isOpen && stepUp.inOtherTab}</p>
      <Form
        action={() => begin(first)}
        submit={insert(stepUp.useProvider, providerName(first))}
        error={error}
        aside={cancel}
        alternatives={others.map((provider) => ({
          label: insert(stepUp.useProvider, providerName(provider)),
          action: () => begin(provider),
        }))}
      >
        <p>{stepUp.provider}</p>
      </Form>
    </>
  )
}
