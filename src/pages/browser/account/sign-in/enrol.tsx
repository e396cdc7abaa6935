import { useState } from 'preact/hooks'
import type { TotpOffer } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { MailCodeField, TotpField } from '../../shared/field.tsx'
import { type Alternative, Form, type Values } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { TotpSecret } from '../../shared/totp-secret.tsx'
import { words } from '../../shared/words.ts'
import type { Step } from './steps.ts'
import { TimeLeft } from './time-left.tsx'
import type { Journey } from './use-journey.ts'

interface EnrolProps {
  readonly journey: Journey
  readonly step: Extract<Step, { kind: 'enrol' }>
}

interface Adding {
  readonly offer: TotpOffer
  readonly endsAtMs: number
}

/** Adds the second factor that the account must have, before there is a session. */
export function Enrol({ journey, step }: EnrolProps) {
  const { enrol, enrolByLink } = words().secondStep
  const [adding, add] = useState<Adding>()
  const begin = () =>
    orBeginAgain({ journey, step }, async () => {
      if (!step.isByLink) await mailCode(step)
      const offer = await call('offerFirstTotp', { body: tokenOf(step) })
      add({ offer, endsAtMs: Date.now() + offer.expires_in * 1000 })
    })
  if (adding !== undefined) return <AddApp journey={journey} step={step} adding={adding} />
  const { heading, text, action } = step.isByLink ? enrolByLink : enrol
  return (
    <Screen heading={heading}>
      {text.map((paragraph) => (
        <p key={paragraph}>{unbroken(paragraph)}</p>
      ))}
      <Form action={begin} submit={action} alternatives={[startAgain(journey)]} />
    </Screen>
  )
}

function AddApp({ journey, step, adding: { offer, endsAtMs } }: EnrolProps & { readonly adding: Adding }) {
  const { addApp } = words().secondStep
  const finish = ({ code = '', mail_code = '' }: Values) =>
    orBeginAgain({ journey, step }, () =>
      journey.advance(() =>
        call('addFirstTotp', {
          body: { ...tokenOf(step), ticket: offer.ticket, code, ...(!step.isByLink && { mail_code }) },
        }),
      ),
    )
  const [round, setRound] = useState(0)
  const again: Alternative = {
    label: addApp.mailAgain,
    action: () =>
      orBeginAgain({ journey, step }, async () => {
        await mailCode(step)
        setRound(round + 1)
      }),
  }
  return (
    <Screen heading={addApp.heading}>
      <TotpSecret {...offer} />
      {!step.isByLink && <p>{unbroken(addApp.both)}</p>}
      <TimeLeft endsAtMs={endsAtMs} onEnd={journey.expire} />
      <Notice text={round > 0 ? addApp.mailedAgain : ''} round={round} />
      <Form action={finish} submit={addApp.action} alternatives={step.isByLink ? [] : [again, startAgain(journey)]}>
        {!step.isByLink && <MailCodeField />}
        <TotpField name="code" />
      </Form>
    </Screen>
  )
}

const tokenOf = ({ asked }: EnrolProps['step']) => ({ enrolment_token: asked.enrolment_token })

const mailCode = (step: EnrolProps['step']) => call('mailEnrolmentCode', { body: tokenOf(step) })

const startAgain = (journey: Journey): Alternative => ({
  label: words().common.startAgain,
  action: async () => journey.show({ kind: 'first' }),
})

/** A token that is expired, used or misspelt leads back to the beginning. */
async function orBeginAgain({ journey, step }: EnrolProps, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isTokenProblem(error)) throw error
    if (!step.isByLink) throw new Refused('took_too_long')
    journey.show({ kind: 'useless-link' })
  }
}

const isTokenProblem = (error: unknown): boolean =>
  isProblem(error, 'invalid_token') ||
  (isProblem(error, 'validation_failed') &&
    error.problem.errors?.some(({ pointer }) => pointer === '/enrolment_token' || pointer === '/ticket') === true)
