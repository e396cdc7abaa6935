import type { Session } from '../../../client/api.ts'
import { accountWords } from '../shared/account-words.ts'
import { call } from '../shared/client.ts'
import { deviceOf, placeOf } from '../shared/device.ts'
import { FactsList } from '../shared/facts-list.tsx'
import { Form } from '../shared/form.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Notice } from '../shared/notice.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { useChanges } from '../shared/use-changes.ts'
import { listOf, timeOf, words } from '../shared/words.ts'

/** Where the person is signed in. */
export const Sessions = () => (
  <SignedIn screen="sessions">
    <Screen heading={words().titles.sessions}>
      <p>{accountWords.sessions.lead}</p>
      <List />
    </Screen>
  </SignedIn>
)

function List() {
  const answer = useAnswer('listSessions')
  const [news, done] = useChanges(answer)
  return (
    <>
      <Notice {...news} />
      <Loaded answer={answer}>
        {({ sessions }) => (
          <>
            <ul class="rows">
              {sessions.map((session) => (
                <Row key={session.id} session={session} onDone={done} />
              ))}
            </ul>
            {sessions.length > 1 ? <Others onDone={done} /> : <p>{accountWords.sessions.alone}</p>}
          </>
        )}
      </Loaded>
    </>
  )
}

type Done = (text: string) => void

function Row({ session, onDone }: { readonly session: Session; readonly onDone: Done }) {
  const text = accountWords.sessions
  const device = deviceOf(session.user_agent)
  const heading = `session-${session.id}`
  const end = async () => {
    await call('endSession', { params: { id: session.id } })
    onDone(text.ended(device))
  }
  return (
    <li>
      <h2 id={heading}>
        {device} {session.current && <span class="badge">{text.current}</span>}
      </h2>
      <FactsList
        facts={[
          [text.application, session.application],
          [text.place, placeOf(session) ?? text.unknownPlace],
          [text.address, session.ip],
          [text.signedIn, timeOf(session.created_at)],
          [text.used, timeOf(session.last_used_at)],
          [text.expires, timeOf(session.expires_at)],
          [text.methods, methodsOf(session)],
        ]}
      />
      {!session.current && <Form action={end} submit={text.end} look="plain" about={heading} />}
    </li>
  )
}

/** What was proven at the sign-in and since. */
const methodsOf = ({ amr }: Session): string =>
  listOf(Object.entries(accountWords.sessions.methodNames).flatMap(([name, text]) => (amr.includes(name) ? text : [])))

function Others({ onDone }: { readonly onDone: Done }) {
  const { others, othersLead, endOthers, othersEnded } = accountWords.sessions
  const end = async () => {
    await call('endOtherSessions')
    onDone(othersEnded)
  }
  return (
    <>
      <h2>{others}</h2>
      <p>{othersLead}</p>
      <Form action={end} submit={endOthers} />
    </>
  )
}
