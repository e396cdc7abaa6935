import * as z from 'zod'
import { consentDocumentSchema, consentVersionSchema, GPC_OPT_OUT, type NewConsent } from './consent.ts'
import { AppError, type FieldProblem } from './errors.ts'
import { parseJson } from './json.ts'
import { type Locale, locales } from './mail.ts'
import { isSecure } from './web-address.ts'

/** The most documents of a service, and the most consents of one registration. */
export const MOST_DOCUMENTS = 8

/** The same for all languages, or one for each. English stands in for a language that is missing. */
type Texts = string | Readonly<Partial<Record<Locale, string>>>

/** A document that people agree to when they create an account. */
export interface ConsentDocument {
  readonly name: string
  /** The version to which people agree now. */
  readonly version: string
  readonly title: Texts
  /** Where it can be read. */
  readonly url: Texts
  /** Whether a registration without it is refused. */
  readonly isRequired: boolean
}

/**
 * Reads `CONSENT_DOCUMENTS`: a table in wrangler.toml, or JSON text with the same members. The schema is made
 * only where the setting is used, so that the start of other services does not pay for it.
 * @returns undefined if it is malformed; none for a setting that is missing
 */
export function readConsentDocuments(setting: unknown): readonly ConsentDocument[] | undefined {
  if (setting === undefined || setting === '') return []
  const table = tableSchema().safeParse(typeof setting === 'string' ? parseJson(setting) : setting)
  if (!table.success || Object.keys(table.data).length > MOST_DOCUMENTS) return undefined
  return Object.entries(table.data).map(([name, { required, ...document }]) => ({
    name,
    ...document,
    isRequired: required,
  }))
}

function tableSchema() {
  const inLanguages = <Text extends z.ZodType<string>>(text: Text) =>
    z.union([text, z.partialRecord(z.enum(locales), text).refine(({ en }) => en !== undefined)])
  return z.record(
    // The opt-out of a browser is about this document.
    consentDocumentSchema.refine((name) => name !== GPC_OPT_OUT.document),
    z.strictObject({
      version: consentVersionSchema,
      title: inLanguages(z.string().regex(/^[^\p{C}]{1,100}$/u)),
      url: inLanguages(
        z
          .url({ protocol: /^https?$/ })
          .max(500)
          .refine(isSecure),
      ),
      required: z.boolean(),
    }),
  )
}

/** A document to which a person agrees, as a client sends it. */
export type SentConsent = Pick<NewConsent, 'document' | 'version'>

/** What a registration was sent with. */
export interface SentConsents {
  /** What the person agrees to. */
  readonly agreed: readonly SentConsent[]
  /** What the browser decides by itself. */
  readonly signalled: readonly NewConsent[]
}

/**
 * Checks the consents of a registration. It looks at nothing else, so the answer is the same whether or not
 * the address has an account.
 * @returns the decisions to store
 * @throws AppError `validation_failed` if a required document is missing, or if one is unknown, of another
 * version, or there twice
 */
export function acceptConsents(
  { CONSENT_DOCUMENTS: documents }: { readonly CONSENT_DOCUMENTS: readonly ConsentDocument[] },
  { agreed: sent, signalled }: SentConsents,
): NewConsent[] {
  const missing = documents.filter(({ name, isRequired }) => isRequired && !sent.some(isAbout(name)))
  const errors = [
    ...missing.map(({ name }) => ({ pointer: '/consents', detail: `must have the document ${name}` })),
    ...sent.flatMap((consent, index) => findProblem(documents, sent, consent, index) ?? []),
  ]
  if (errors.length > 0) throw new AppError('validation_failed', { errors })
  return [...sent.map((consent) => ({ ...consent, decision: 'granted', source: 'user' }) as const), ...signalled]
}

const isAbout =
  (name: string) =>
  ({ document }: SentConsent): boolean =>
    document === name

function findProblem(
  documents: readonly ConsentDocument[],
  sent: readonly SentConsent[],
  { document, version }: SentConsent,
  index: number,
): FieldProblem | undefined {
  const known = documents.find(({ name }) => name === document)
  const pointer = `/consents/${index}`
  if (known === undefined) return { pointer: `${pointer}/document`, detail: 'must be a document of this service' }
  if (sent.findIndex(isAbout(document)) < index) return { pointer: `${pointer}/document`, detail: 'is there already' }
  return known.version === version
    ? undefined
    : { pointer: `${pointer}/version`, detail: 'must be the current version' }
}
