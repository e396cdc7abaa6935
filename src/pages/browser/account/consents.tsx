import { accountWords } from '../shared/account-words.ts'
import { call } from '../shared/client.ts'
import { Form } from '../shared/form.tsx'
import { Waiting } from '../shared/loaded.tsx'
import { Notice } from '../shared/notice.tsx'
import { Problem } from '../shared/problem.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useNotice } from '../shared/use-notice.ts'
import { usePages } from '../shared/use-pages.ts'
import { words } from '../shared/words.ts'
import { CurrentConsent, type Decide } from './consents/current-consent.tsx'
import { History } from './consents/history.tsx'
import { OpenDocument, openDocuments } from './consents/open-document.tsx'
import { Signal } from './consents/signal.tsx'

/** What the person agreed to, and every decision of before. */
export const Consents = () => (
  <SignedIn screen="consents">
    <Screen heading={words().titles.consents}>
      <p>{accountWords.consents.lead}</p>
      <Ledger />
    </Screen>
  </SignedIn>
)

function Ledger() {
  const [news, say] = useNotice()
  const { pages, hasMore, more, error, reload } = usePages(
    (cursor) => call('listConsents', { query: cursor === undefined ? {} : { cursor } }),
    ({ history }) => history.length === 0,
  )
  if (pages === undefined) return error === undefined ? <Waiting /> : <Problem error={error} onAgain={reload} />
  const current = pages[0]?.consents ?? []
  const decide: Decide = async (document, body) => {
    await call('decideConsent', { params: { document }, body })
    say(accountWords.consents.decided)
    reload()
  }
  return (
    <>
      <Notice {...news} />
      <Signal current={current} decide={decide} />
      {current.length === 0 && <p>{accountWords.consents.none}</p>}
      <ul class="rows">
        {openDocuments(current).map((document) => (
          <OpenDocument key={document.name} document={document} decide={decide} />
        ))}
        {current.map((consent) => (
          <CurrentConsent key={consent.document} consent={consent} decide={decide} />
        ))}
      </ul>
      <History decisions={pages.flatMap(({ history }) => history)} />
      {hasMore && <Form action={more} submit={accountWords.consents.more} look="plain" />}
    </>
  )
}
