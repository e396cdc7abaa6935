import { Form } from '../../shared/form.tsx'
import { Screen } from '../../shared/screen.tsx'
import { useAnswer } from '../../shared/use-answer.ts'
import { insert, words } from '../../shared/words.ts'
import type { Application } from './to-application.tsx'

interface ContinueAsProps {
  readonly application: Application
  readonly onContinue: () => void
  readonly onOther: () => void
}

/** Somebody is signed in. They see as whom, and decide. */
export function ContinueAs({ application, onContinue, onOther }: ContinueAsProps) {
  const { continueHeading, signedIn, signedInAs, action, otherAccount, giveUp } = words().comingBack
  const me = useAnswer('getMe')
  const email = me.state === 'ready' ? me.data.email : null
  return (
    <Screen heading={insert(continueHeading, application.host)}>
      <p role="status">{email === null ? signedIn : insert(signedInAs, email)}</p>
      <Form
        action={async () => onContinue()}
        submit={action}
        alternatives={[{ label: otherAccount, action: async () => onOther() }]}
      />
      <p class="end">
        <a href={application.denied}>{giveUp}</a>
      </p>
    </Screen>
  )
}
