import * as z from 'zod'

export const consentDecisions = ['granted', 'withdrawn'] as const
export type ConsentDecision = (typeof consentDecisions)[number]

/** Who said so: the person, or their browser's Global Privacy Control signal. */
export const consentSources = ['user', 'sec-gpc'] as const
export type ConsentSource = (typeof consentSources)[number]

/** Name of a document: `terms`, `privacy-notice`, `sale-or-sharing`. */
export const consentDocumentSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, dot, underscore, hyphen')

/** Version of a document: 1 to 64 printable ASCII characters. */
export const consentVersionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')

/** A decision that is about to enter the ledger. */
export interface NewConsent {
  readonly document: string
  readonly version: string
  readonly decision: ConsentDecision
  readonly source: ConsentSource
}

/** What `Sec-GPC: 1` means: no sale and no sharing (https://www.w3.org/TR/gpc/). */
export const GPC_OPT_OUT: NewConsent = {
  document: 'sale-or-sharing',
  version: 'gpc',
  decision: 'withdrawn',
  source: 'sec-gpc',
}
