import * as z from 'zod'

export const consentDecisions = ['granted', 'withdrawn'] as const
export type ConsentDecision = (typeof consentDecisions)[number]

/** Where a decision comes from: the person, or the Global Privacy Control signal of their browser. */
export const consentSources = ['user', 'sec-gpc'] as const
export type ConsentSource = (typeof consentSources)[number]

/** Name of a document, such as `terms`, `privacy-notice` or `sale-or-sharing`. */
export const consentDocumentSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, dot, underscore, hyphen')

/** Version of a document: 1 to 64 printable ASCII characters. */
export const consentVersionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')

/** A decision that is not yet in the ledger. */
export interface NewConsent {
  readonly document: string
  readonly version: string
  readonly decision: ConsentDecision
  readonly source: ConsentSource
}

/**
 * The decision that the header `Sec-GPC: 1` expresses: no sale and no sharing (https://www.w3.org/TR/gpc/).
 */
export const GPC_OPT_OUT: NewConsent = {
  document: 'sale-or-sharing',
  version: 'gpc',
  decision: 'withdrawn',
  source: 'sec-gpc',
}
