import type { ActivityEvent } from '../../../../client/api.ts'
import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { deviceOf, placeOf } from '../../shared/device.ts'
import { download } from '../../shared/download.ts'
import { Refused } from '../../shared/explain.ts'
import { FactsList } from '../../shared/facts-list.tsx'
import { Form } from '../../shared/form.tsx'
import { insert, listOf, timeOf } from '../../shared/words.ts'
import { activityWords } from './activity-words.ts'

/** Actions whose words say that something failed. */
const SAYS_FAILURE = /(?:failed|refused|denied|reached|detected)$/

/** One event: what happened, when, by whom and where. Everything else that is recorded opens below it. */
export function Entry({ event }: { readonly event: ActivityEvent }) {
  const { id, action, outcome, by, user_agent, uncertain } = event
  const text = activityWords
  const heading = `event-${id}`
  return (
    <li tabIndex={-1}>
      <h2 id={heading}>
        {nameOf(text.actions, action)}{' '}
        {outcome === 'failure' && !SAYS_FAILURE.test(action) && <span class="badge wrong">{text.failed}</span>}
      </h2>
      <p class="hint">
        <time dateTime={event.occurred_at}>{timeOf(event.occurred_at)}</time>
      </p>
      {uncertain.includes('event') && <p class="problem">{text.unsealed}</p>}
      <FactsList
        facts={[
          [text.who, text.by[by]],
          [text.device, user_agent && deviceOf(user_agent)],
          [text.place, placeOf(event)],
          [text.reason, reasonOf(event)],
        ]}
      />
      <details>
        <summary aria-describedby={heading}>{text.details}</summary>
        <Details event={event} heading={heading} />
      </details>
    </li>
  )
}

function Details({ event, heading }: { readonly event: ActivityEvent; readonly heading: string }) {
  const { id, action, ip, user_agent, detail } = event
  const text = activityWords
  const getProof = async () => download(`${id}.latchkey-proof`, await readProof(id))
  return (
    <>
      <FactsList
        facts={[
          [text.code, <code key="action">{action}</code>],
          ...Object.entries(detail ?? {}).map(
            ([name, value]) => [name, <code key={name}>{toText(value)}</code>] as const,
          ),
          [text.address, ip],
          [text.program, user_agent],
          [text.entry, <code key="id">{id}</code>],
        ]}
      />
      <Unsealed parts={event.uncertain} />
      <p class="hint">{text.proofLead}</p>
      <Form action={getProof} submit={text.proof} look="plain" about={heading} />
    </>
  )
}

/**
 * Parts that only the database knew, as in every event that a statement decides. That is no reason to worry,
 * so it is said among the details.
 */
function Unsealed({ parts }: { readonly parts: ActivityEvent['uncertain'] }) {
  const { unsealedParts, partNames } = activityWords
  const names = parts.flatMap((part) => (part === 'event' ? [] : [partNames[part]]))
  return names.length === 0 ? null : <p class="hint">{insert(unsealedParts, listOf(names))}</p>
}

/** The file that proves the event. */
async function readProof(id: string): Promise<string> {
  try {
    return await call('getActivityProof', { params: { id } })
  } catch (error) {
    throw isProblem(error, 'not_found') ? new Refused('no_proof') : error
  }
}

/** An action or reason that a newer service has, and this page has no words for, keeps its own name. */
const nameOf = (names: Readonly<Record<string, string>>, name: string): string => names[name] ?? name

const reasonOf = ({ detail }: ActivityEvent): string | undefined =>
  typeof detail?.reason === 'string' ? nameOf(activityWords.reasons, detail.reason) : undefined

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
