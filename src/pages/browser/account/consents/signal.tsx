import type { Consent } from '../../../../client/api.ts'
import type { NewConsent } from '../../../../core/consent.ts'
import { accountWords } from '../../shared/account-words.ts'
import { Form } from '../../shared/form.tsx'
import type { Decide } from './current-consent.tsx'

/** What the signal says, as the service records it at a sign-up. */
const OPT_OUT = {
  document: 'sale-or-sharing',
  version: 'gpc',
  decision: 'withdrawn',
} as const satisfies Partial<NewConsent>

/**
 * The browser objects to selling and sharing (https://www.w3.org/TR/gpc/). The service records that at a
 * sign-up. An account that was created with another browser may not have it.
 */
export function Signal({ current, decide }: { readonly current: readonly Consent[]; readonly decide: Decide }) {
  const { document, version, decision } = OPT_OUT
  const isRecorded = current.some((consent) => consent.document === document && consent.decision === decision)
  if (isRecorded || !('globalPrivacyControl' in navigator) || navigator.globalPrivacyControl !== true) return undefined
  const { heading, text, action } = accountWords.consents.signal
  return (
    <div class="warning">
      <h2>{heading}</h2>
      <p>{text}</p>
      <Form action={() => decide(document, { version, decision })} submit={action} look="plain" />
    </div>
  )
}
