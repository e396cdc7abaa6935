import { useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import type { SecondFactorAsked } from '../../../../client/second-factor.ts'
import { askForPasskey, canUsePasskeys } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { RecoveryCodeField, TotpField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Screen } from '../../shared/screen.tsx'
import { words } from '../../shared/words.ts'
import { TimeLeft } from './time-left.tsx'
import { type Journey, startAgain } from './use-journey.ts'

/** The preferred method first. */
const METHODS = ['passkey', 'totp', 'recovery_code'] as const

interface SecondStepProps {
  readonly journey: Journey
  readonly asked: SecondFactorAsked
  readonly endsAtMs: number
}

/** The second step of a sign-in, by one of the methods that the account has. */
export function SecondStep({ journey, asked, endsAtMs }: SecondStepProps) {
  const methods = usableOf(asked)
  const [method = 'passkey', choose] = useState(methods[0])
  const { secondStep } = words()
  const { heading, lead, action } = secondStep[method]
  const prove = (values: Values) =>
    journey.advance(async () => {
      const factor = method === 'passkey' ? { credential: await proveByPasskey(asked) } : values
      return call('proveSecondFactor', { body: { mfa_token: asked.mfa_token, ...factor } }).catch((error: unknown) => {
        throw method === 'passkey' && isProblem(error, 'invalid_second_factor') ? new Refused('passkey_refused') : error
      })
    })
  const others = methods.filter((other) => other !== method)
  return (
    <Screen heading={heading}>
      <p>{lead}</p>
      <TimeLeft endsAtMs={endsAtMs} onEnd={journey.expire} />
      <Form
        key={method}
        action={prove}
        submit={action}
        alternatives={[
          ...others.map((other) => ({ label: secondStep[other].use, action: async () => choose(other) })),
          startAgain(journey),
        ]}
      >
        {method === 'totp' && <TotpField />}
        {method === 'recovery_code' && <RecoveryCodeField />}
      </Form>
    </Screen>
  )
}

const usableOf = ({ methods }: SecondFactorAsked) =>
  METHODS.filter((method) => methods.includes(method) && (method !== 'passkey' || canUsePasskeys))

function proveByPasskey({ public_key: publicKey }: SecondFactorAsked) {
  if (publicKey === undefined) throw new Refused('passkey_failed')
  return askForPasskey(publicKey)
}
