import { useId } from 'preact/hooks'
import type { Consent } from '../../../../client/api.ts'
import type { PageDocument } from '../../../page-facts.ts'
import { accountWords } from '../../shared/account-words.ts'
import { DocumentLink } from '../../shared/documents.tsx'
import { facts } from '../../shared/facts.ts'
import { Form } from '../../shared/form.tsx'
import { type Decide, versionName } from './current-consent.tsx'

/** The documents that the person can agree to and has not decided about, or only about an older version. */
export const openDocuments = (current: readonly Consent[]): PageDocument[] =>
  facts.documents.filter((document) => {
    const consent = current.find((one) => one.document === document.name)
    return consent === undefined || (consent.decision === 'granted' && consent.version !== document.version)
  })

interface OpenDocumentProps {
  readonly document: PageDocument
  readonly decide: Decide
}

/** A document to agree to. */
export function OpenDocument({ document, decide }: OpenDocumentProps) {
  const heading = useId()
  const { version, name } = document
  const { undecided, grant } = accountWords.consents
  return (
    <li>
      <h2 id={heading}>
        <DocumentLink document={document} />
      </h2>
      <p class="hint">{versionName(version)}</p>
      <p class="hint">{undecided}</p>
      <Form action={() => decide(name, { version, decision: 'granted' })} submit={grant} look="plain" about={heading} />
    </li>
  )
}
