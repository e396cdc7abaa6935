import { rfc3339 } from '../../core/time.ts'
import type { ConsentRow } from '../../storage/database/consent-row.ts'

/** A decision as clients see it. */
export interface Consent extends Omit<ConsentRow, 'decided_at'> {
  /** RFC 3339. */
  readonly decided_at: string
}

export const showConsent = ({ document, version, decision, decided_at, source }: ConsentRow): Consent => ({
  document,
  version,
  decision,
  decided_at: rfc3339(decided_at),
  source,
})
