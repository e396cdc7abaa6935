import { useId } from 'preact/hooks'
import type { Consent, Operations } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { DocumentLink } from '../../shared/documents.tsx'
import { facts } from '../../shared/facts.ts'
import { Form } from '../../shared/form.tsx'
import { timeOf } from '../../shared/words.ts'

/** Records a decision about a document. */
export type Decide = (document: string, body: Operations['decideConsent']['body']) => Promise<void>

/** A decision that holds now, and the button that takes it back. */
export function CurrentConsent({ consent, decide }: { readonly consent: Consent; readonly decide: Decide }) {
  const { document, version, decision, decided_at } = consent
  const { withdraw, grant, decidedAt, bySignal } = accountWords.consents
  const heading = useId()
  const isGranted = decision === 'granted'
  const known = findDocument(document)
  // People agree to what they can read now.
  const change = () =>
    decide(
      document,
      isGranted ? { version, decision: 'withdrawn' } : { version: known?.version ?? version, decision: 'granted' },
    )
  return (
    <li>
      <h2 id={heading}>
        {known === undefined ? documentName(document) : <DocumentLink document={known} />}{' '}
        <DecisionBadge decision={decision} />
      </h2>
      <p class="hint">{versionName(version)}</p>
      <p class="hint">{decidedAt(timeOf(decided_at))}</p>
      {consent.source === 'sec-gpc' && <p class="hint">{bySignal}</p>}
      <Form action={change} submit={isGranted ? withdraw : grant} look="plain" about={heading} />
    </li>
  )
}

export const DecisionBadge = ({ decision }: Pick<Consent, 'decision'>) => (
  <span class={decision === 'granted' ? 'badge' : 'badge wrong'}>{accountWords.consents.decisions[decision]}</span>
)

/** A document that is in the settings of the service. */
const findDocument = (document: string) => facts.documents.find(({ name }) => name === document)

/** The title in the settings of the service, or words of the page. Applications choose other names. */
export const documentName = (document: string): string =>
  findDocument(document)?.title ?? accountWords.consents.documents[document] ?? document

/** The version of a browser's signal is no version of a text. */
export const versionName = (version: string): string | undefined =>
  version === 'gpc' ? undefined : accountWords.consents.version(version)
