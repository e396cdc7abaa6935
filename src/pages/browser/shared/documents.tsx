import { useId } from 'preact/hooks'
import type { SentConsent } from '../../../core/consent-documents.ts'
import type { PageDocument } from '../../page-facts.ts'
import { isRefused, Refused } from './explain.ts'
import { facts } from './facts.ts'
import { useRefusal, type Values } from './form.tsx'
import { words } from './words.ts'

/** The name of the checkbox of a document. */
export const checkboxOf = ({ name }: PageDocument): string => `consents.${name}`

/** What was ticked in a form, as the service takes it. */
export const tickedOf = (values: Values): SentConsent[] =>
  facts.documents
    .filter((document) => values[checkboxOf(document)] === 'on')
    .map(({ name, version }) => ({ document: name, version }))

/** Whether a consent is to the version of a document that is there now. */
export const isAbout =
  ({ name, version }: Pick<PageDocument, 'name' | 'version'>) =>
  (consent: SentConsent): boolean =>
    consent.document === name && consent.version === version

/** What the page says about consents that were refused: it was open while the documents changed. */
export const explainConsents = (error: unknown): unknown =>
  isRefused(error, 'consents') ? new Refused('documents_changed') : error

/** The title, which leads to the text in another tab, so that nothing that was typed is lost. */
export const DocumentLink = ({ document: { url, title } }: { readonly document: PageDocument }) => (
  <a href={url} target="_blank" rel="noopener">
    {title}
  </a>
)

interface DocumentFieldsProps {
  readonly documents: readonly PageDocument[]
  /** What was ticked before. */
  readonly ticked?: readonly SentConsent[] | undefined
}

/** A checkbox for each document. */
export function DocumentFields({ documents, ticked = [] }: DocumentFieldsProps) {
  if (documents.length === 0) return undefined
  const { legend, newTab } = words().documents
  return (
    <fieldset>
      <legend>{legend}</legend>
      <p class="hint">{newTab}</p>
      {documents.map((document) => (
        <DocumentField key={document.name} document={document} isTicked={ticked.some(isAbout(document))} />
      ))}
    </fieldset>
  )
}

interface DocumentFieldProps {
  readonly document: PageDocument
  readonly isTicked: boolean
}

function DocumentField({ document, isTicked }: DocumentFieldProps) {
  const id = useId()
  const name = checkboxOf(document)
  const problem = useRefusal().fields[name]
  const { agree, required, optional } = words().documents
  const [before, after] = agree.split('{value}')
  return (
    <div class="field">
      <label class="reveal">
        <input
          type="checkbox"
          name={name}
          required={document.isRequired}
          defaultChecked={isTicked}
          aria-describedby={`${id} ${id}-problem`}
          aria-invalid={problem === undefined ? undefined : 'true'}
        />
        <span>
          {before}
          <DocumentLink document={document} />
          {after}
        </span>
      </label>
      <p class="hint" id={id}>
        {document.isRequired ? required : optional}
      </p>
      <p class="problem" id={`${id}-problem`}>
        {problem?.text}
      </p>
    </div>
  )
}
