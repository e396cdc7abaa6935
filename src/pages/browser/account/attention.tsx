import type { ComponentChildren } from 'preact'
import type { Factors, Me } from '../../../client/api.ts'
import { addressOf } from '../../screens.ts'
import { accountWords } from '../shared/account-words.ts'
import { call } from '../shared/client.ts'
import { Form } from '../shared/form.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Notice } from '../shared/notice.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { useNotice } from '../shared/use-notice.ts'
import { dateOf } from '../shared/words.ts'

/** So many unused recovery codes are few. */
const FEW_CODES = 3

/** What a person should do soon. Nothing is shown if there is nothing to do. */
export const Attention = ({ me }: { readonly me: Me }) => (
  <Loaded answer={useAnswer('getFactors')}>
    {(factors) => {
      const needed = findNeeded(factors)
      if (me.is_verified && needed.length === 0) return undefined
      return (
        <div class="warning">
          <h2>{accountWords.home.attention}</h2>
          {!me.is_verified && <Unproven email={me.email} />}
          {needed.map((text) => (
            <p key={text}>{text}</p>
          ))}
          {needed.length > 0 && <SecurityLink />}
        </div>
      )
    }}
  </Loaded>
)

function findNeeded({ two_step, recovery_codes, reset }: Factors): string[] {
  const { twoStepDue, fewCodes, reset: removal } = accountWords.home
  const left = recovery_codes?.left ?? 0
  const isDue = !two_step.enabled && two_step.due_at !== null
  return [
    ...(reset === null ? [] : [removal(dateOf(reset.due_at))]),
    ...(isDue && two_step.due_at !== null ? [twoStepDue(dateOf(two_step.due_at))] : []),
    ...(two_step.enabled && left <= FEW_CODES ? [fewCodes(String(left))] : []),
  ]
}

const SecurityLink = (): ComponentChildren => (
  <p>
    <a href={addressOf('security')}>{accountWords.home.toSecurity}</a>
  </p>
)

/** The address is not proven yet, and the mail may be lost. */
function Unproven({ email }: { readonly email: string }) {
  const [news, say] = useNotice()
  const resend = async () => {
    await call('resendVerification', { body: { email } })
    say(accountWords.home.resent)
  }
  return (
    <>
      <p>{accountWords.home.unproven}</p>
      <Notice {...news} />
      {news.text === '' && <Form action={resend} submit={accountWords.home.resend} look="plain" />}
    </>
  )
}
