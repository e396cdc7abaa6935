import { useRef, useState } from 'preact/hooks'
import type { PasskeyOffer } from '../../../../client/api.ts'
import { createPasskey, type NewPasskey } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { isRefused, Refused } from '../../shared/explain.ts'
import { MailCodeField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { words } from '../../shared/words.ts'
import { type Enrolment, orBeginAgain, tokenOf, waysOn } from './enrolment.ts'
import { TimeLeft } from './time-left.tsx'

interface EnrolPasskeyProps extends Enrolment {
  readonly offer: PasskeyOffer
  readonly endsAtMs: number
}

/** A passkey or a security key as the first second factor. */
export function EnrolPasskey({ journey, step, offer, endsAtMs }: EnrolPasskeyProps) {
  const { addPasskey, mailedAgain } = words().secondStep
  const [round, setRound] = useState(0)
  // A wrong mailed code leaves the passkey usable, so the next try does not make another one.
  const made = useRef<NewPasskey | undefined>(undefined)
  const finish = ({ mail_code }: Values) =>
    orBeginAgain({ journey, step }, async () => {
      made.current ??= await createPasskey(offer.public_key)
      const credential = made.current
      const body = { ...tokenOf(step), ticket: offer.ticket, credential, ...(mail_code !== undefined && { mail_code }) }
      await journey
        .advance(() => call('enrolPasskey', { body }))
        .catch((error: unknown) => {
          // Its ticket is used up then.
          throw isRefused(error, 'credential') ? new Refused('passkey_refused') : error
        })
    })
  return (
    <Screen heading={addPasskey.heading}>
      <p>{unbroken(step.isByLink ? addPasskey.text : addPasskey.withCode)}</p>
      <TimeLeft endsAtMs={endsAtMs} onEnd={journey.expire} />
      <Notice text={round > 0 ? mailedAgain : ''} round={round} />
      <Form
        action={finish}
        submit={addPasskey.action}
        alternatives={waysOn({ journey, step }, () => setRound(round + 1))}
      >
        {!step.isByLink && <MailCodeField />}
      </Form>
    </Screen>
  )
}
