import { useEffect, useRef, useState } from 'preact/hooks'
import { isProblem } from '../../../client/problem.ts'
import { call } from './client.ts'
import { MailCodeField, OwnerField, PasswordField, TotpField } from './field.tsx'
import { Form, type Values } from './form.tsx'
import { leave } from './leave.ts'
import type { StepUpRequest } from './step-up.ts'
import { StepUpByProvider } from './step-up-by-provider.tsx'
import { type Account, type Proof, proofsFor, prove, providersFor, TWO_FACTORS } from './step-up-proofs.ts'
import { words } from './words.ts'

interface StepUpFormProps {
  readonly account: Account
  readonly request: StepUpRequest
}

/** Asks for one proof, and offers the others that fit. It asks for more where the level rises meanwhile. */
export function StepUpForm({ account, request: { level: asked, conclude } }: StepUpFormProps) {
  const place = useRef<HTMLDivElement>(null)
  const [level, raise] = useState(asked)
  const [chosen, choose] = useState<Proof>()
  const [mailed, keep] = useState<string>()
  const proofs = proofsFor(level, account)
  const proof = proofs.find((one) => one === chosen) ?? proofs[0]
  useEffect(() => place.current?.querySelector<HTMLElement>('input:not([readonly]), button')?.focus(), [proof, mailed])

  const send = async (given: Proof, values: Values) => {
    try {
      await prove(given, values, mailed)
    } catch (error) {
      if (!isProblem(error, 'second_factor_required')) throw error
      return raise(TWO_FACTORS)
    }
    conclude(true)
  }
  const askForMail = async () => {
    const body = { email: account.factors.user_name ?? '', ...(mailed !== undefined && { previous: mailed }) }
    keep((await call('requestSignInCode', { body })).request)
  }
  const others = proofs
    .filter((other) => other !== proof)
    .map((other) => ({
      label: labelOf(other),
      action: async () => (other === 'passkey' ? send(other, {}) : choose(other)),
    }))
  const cancel = (
    <button class="button other" type="button" onClick={() => conclude(false)}>
      {words().common.cancel}
    </button>
  )
  const { stepUp } = words()
  const providers = providersFor(level, account)
  if (proof === undefined && providers.length > 0)
    return (
      <div ref={place}>
        <StepUpByProvider
          providers={providers}
          cancel={cancel}
          onProven={() => conclude(true)}
          onRaise={() => raise(TWO_FACTORS)}
        />
      </div>
    )
  if (proof === undefined)
    return (
      <div ref={place}>
        <Form action={leave} submit={stepUp.signInAgain} aside={cancel}>
          <p>{stepUp.none}</p>
        </Form>
      </div>
    )
  const isToMail = proof === 'mail' && mailed === undefined
  const again = proof === 'mail' && mailed !== undefined ? [{ label: stepUp.mailAgain, action: askForMail }] : []
  return (
    <div ref={place}>
      <p role="status">{level !== asked && stepUp.rose}</p>
      <Form
        key={`${proof} ${isToMail}`}
        action={isToMail ? askForMail : (values) => send(proof, values)}
        submit={isToMail ? stepUp.sendCode : stepUp.action}
        aside={cancel}
        alternatives={[...again, ...others]}
      >
        <p>{proof === 'mail' && mailed !== undefined ? stepUp.mailSent : stepUp[proof]}</p>
        {proof === 'password' && <OwnerField email={account.factors.user_name} />}
        {proof === 'password' && <PasswordField />}
        {proof === 'totp' && <TotpField />}
        {proof === 'mail' && mailed !== undefined && <MailCodeField />}
      </Form>
    </div>
  )
}

function labelOf(proof: Proof): string {
  const { usePassword, useTotp, usePasskey, useMail } = words().stepUp
  return { password: usePassword, totp: useTotp, passkey: usePasskey, mail: useMail }[proof]
}
