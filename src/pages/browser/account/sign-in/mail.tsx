import { useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { addressOf } from '../../../screens.ts'
import { MailCodeField } from '../../shared/field.tsx'
import { type Alternative, Form, type Values } from '../../shared/form.tsx'
import { Notice } from '../../shared/notice.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { insert, words } from '../../shared/words.ts'
import { readRequest } from './kept-request.ts'
import { askForMail, confirmMail, explainCode } from './mail-request.ts'
import { TimeLeft } from './time-left.tsx'
import { type Journey, startAgain } from './use-journey.ts'

interface MailProps {
  readonly journey: Journey
}

/** A code was mailed: to sign in, if the address has an account, and to sign up, to every address. */
export function MailCode({ journey }: MailProps) {
  const { typed } = journey
  const { mail } = words().signIn
  const { text, action } = typed.fullName === undefined ? mail : words().signUp.mail
  const [sent, setSent] = useState(0)
  const signIn = ({ mail_code: code = '' }: Values) =>
    journey.advance(() => confirmMail({ code })).catch((error: unknown) => Promise.reject(explainCode(error)))
  const again: Alternative = {
    label: mail.again,
    action: async () => {
      await askForMail(typed)
      setSent(sent + 1)
    },
  }
  const kept = readRequest()
  return (
    <Screen heading={mail.heading}>
      {text.map((paragraph) => (
        <p key={paragraph}>{unbroken(insert(paragraph, typed.email))}</p>
      ))}
      {kept && <TimeLeft endsAtMs={kept.expiresAtMs} onEnd={journey.expire} />}
      <Notice text={sent > 0 ? mail.sentAgain : ''} round={sent} />
      <Form
        action={signIn}
        submit={action}
        alternatives={[...(typed.email === '' ? [] : [again]), startAgain(journey)]}
      >
        <MailCodeField />
      </Form>
    </Screen>
  )
}

interface MailLinkProps extends MailProps {
  readonly token: string
}

/** The link of a mail. It signs in where the mail was asked for, after a press of a button. */
export function MailLink({ journey, token }: MailLinkProps) {
  const { mailLink, elsewhere } = words().signIn
  const signIn = () =>
    journey
      .advance(() => confirmMail({ token }))
      .catch((error: unknown) => {
        if (!isProblem(error, 'invalid_token', 'validation_failed')) throw error
        journey.show({ kind: 'useless-link' })
      })
  const { heading, text } = readRequest() === undefined ? elsewhere : mailLink
  return (
    <Screen heading={heading}>
      {text.map((paragraph) => (
        <p key={paragraph}>{unbroken(paragraph)}</p>
      ))}
      {readRequest() === undefined ? (
        <p>
          <a href={addressOf('sign-in')} onClick={() => journey.show({ kind: 'first' })}>
            {elsewhere.action}
          </a>
        </p>
      ) : (
        <Form action={signIn} submit={mailLink.action} />
      )}
    </Screen>
  )
}
