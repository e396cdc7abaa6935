import { useState } from 'preact/hooks'
import type { TotpOffer } from '../../../../client/api.ts'
import { call } from '../../shared/client.ts'
import { MailCodeField, TotpField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { TotpSecret } from '../../shared/totp-secret.tsx'
import { words } from '../../shared/words.ts'
import { type Enrolment, orBeginAgain, tokenOf, waysOn } from './enrolment.ts'
import { TimeLeft } from './time-left.tsx'

interface EnrolAppProps extends Enrolment {
  readonly offer: TotpOffer
  readonly endsAtMs: number
}

/** An authenticator app as the first second factor. */
export function EnrolApp({ journey, step, offer, endsAtMs }: EnrolAppProps) {
  const { addApp, mailedAgain } = words().secondStep
  const [round, setRound] = useState(0)
  const finish = ({ code = '', mail_code }: Values) => {
    const body = { ...tokenOf(step), ticket: offer.ticket, code, ...(mail_code !== undefined && { mail_code }) }
    return orBeginAgain({ journey, step }, () => journey.advance(() => call('addFirstTotp', { body })))
  }
  return (
    <Screen heading={addApp.heading}>
      <TotpSecret {...offer} />
      {!step.isByLink && <p>{unbroken(addApp.both)}</p>}
      <TimeLeft endsAtMs={endsAtMs} onEnd={journey.expire} />
      <Notice text={round > 0 ? mailedAgain : ''} round={round} />
      <Form action={finish} submit={addApp.action} alternatives={waysOn({ journey, step }, () => setRound(round + 1))}>
        {!step.isByLink && <MailCodeField />}
        <TotpField name="code" />
      </Form>
    </Screen>
  )
}
