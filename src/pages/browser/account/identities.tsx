import { useState } from 'preact/hooks'
import type { Identity } from '../../../client/api.ts'
import { accountWords } from '../shared/account-words.ts'
import { call } from '../shared/client.ts'
import { facts } from '../shared/facts.ts'
import { Form } from '../shared/form.tsx'
import { Loaded } from '../shared/loaded.tsx'
import { Notice } from '../shared/notice.tsx'
import { readReturn } from '../shared/provider.ts'
import { providerName } from '../shared/provider-name.ts'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { useChanges } from '../shared/use-changes.ts'
import { dateOf, words } from '../shared/words.ts'
import { AddIdentity } from './identities/add-identity.tsx'
import { Linking } from './identities/linking.tsx'

/** Accounts elsewhere with which the person signs in here. */
export const Identities = () => (
  <SignedIn screen="identities">
    <Screen heading={words().titles.identities}>
      <p>{accountWords.identities.lead}</p>
      <List />
    </Screen>
  </SignedIn>
)

function List() {
  const answer = useAnswer('listIdentities')
  const [news, done] = useChanges(answer)
  const [returned] = useState(() => readReturn('identities'))
  return (
    <>
      <Notice {...news} />
      <Loaded answer={answer}>
        {({ identities }) => (
          <>
            {returned && <Linking returned={returned} onLinked={done} />}
            {identities.length === 0 && <p>{accountWords.identities.none}</p>}
            <ul class="rows">
              {identities.map((identity) => (
                <Row key={identity.id} identity={identity} onDone={done} />
              ))}
            </ul>
            <AddIdentity />
          </>
        )}
      </Loaded>
    </>
  )
}

interface RowProps {
  readonly identity: Identity
  readonly onDone: (text: string) => void
}

function Row({ identity: { id, provider, linked_at }, onDone }: RowProps) {
  const { linkedAt, unavailable, unlink, unlinked } = accountWords.identities
  const heading = `identity-${id}`
  const remove = async () => {
    await call('unlinkIdentity', { params: { id } })
    onDone(unlinked(providerName(provider)))
  }
  return (
    <li>
      <h2 id={heading}>{providerName(provider)}</h2>
      <p class="hint">{linkedAt(dateOf(linked_at))}</p>
      {!facts.providers.includes(provider) && <p class="hint">{unavailable}</p>}
      <Form action={remove} submit={unlink} look="plain" about={heading} />
    </li>
  )
}
