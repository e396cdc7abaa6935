import type { Consent } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { timeOf } from '../../shared/words.ts'
import { DecisionBadge, documentName, versionName } from './current-consent.tsx'

/** Every decision, newest first. */
export function History({ decisions }: { readonly decisions: readonly Consent[] }) {
  if (decisions.length === 0) return undefined
  const { history, historyLead, bySignal } = accountWords.consents
  return (
    <>
      <h2>{history}</h2>
      <p class="hint">{historyLead}</p>
      <ol class="entries">
        {decisions.map(({ document, version, decision, decided_at, source }) => (
          <li key={`${document} ${decided_at}`}>
            <span class="chosen">{documentName(document)}</span> <DecisionBadge decision={decision} />
            <time class="hint" dateTime={decided_at}>
              {timeOf(decided_at)}
            </time>
            <span class="hint">{versionName(version)}</span>
            {source === 'sec-gpc' && <span class="hint">{bySignal}</span>}
          </li>
        ))}
      </ol>
    </>
  )
}
