import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../../core/answer-schema.ts'
import { consentDecisions, consentSources } from '../../core/consent.ts'
import { rfc3339 } from '../../core/time.ts'
import type { ConsentRow } from '../../storage/database/consent-row.ts'

/** A decision, as clients see it. */
export const consentView = answerSchema('Consent', () => ({
  document: z.string(),
  version: z.string(),
  decision: z.enum(consentDecisions),
  decided_at: time(),
  source: z.enum(consentSources),
}))

export type Consent = View<typeof consentView>

/** The answer of `GET /users/me/consents`. */
export const consentLedgerView = answerSchema('ConsentLedger', () => ({
  /** The decisions in force: the newest one about each document. */
  consents: z.array(consentView.schema),
  /** A page of every decision, newest first. */
  history: z.array(consentView.schema),
  /** Null on the last page. */
  next_cursor: orNull(z.string()),
}))

export type ConsentLedger = View<typeof consentLedgerView>

export const showConsent = ({ document, version, decision, decided_at, source }: ConsentRow): Consent => ({
  document,
  version,
  decision,
  decided_at: rfc3339(decided_at),
  source,
})
