import { useEffect } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import type { SentConsent } from '../../../../core/consent-documents.ts'
import type { PageDocument } from '../../../page-facts.ts'
import { call } from '../../shared/client.ts'
import { DocumentFields, isAbout, tickedOf } from '../../shared/documents.tsx'
import { Refused } from '../../shared/explain.ts'
import { facts } from '../../shared/facts.ts'
import { Form, type Values } from '../../shared/form.tsx'
import { leave } from '../../shared/leave.ts'
import { Loaded, Waiting } from '../../shared/loaded.tsx'
import { Screen } from '../../shared/screen.tsx'
import { useLoaded } from '../../shared/use-answer.ts'
import { words } from '../../shared/words.ts'
import type { Journey } from './use-journey.ts'

interface AgreeProps {
  readonly journey: Journey
  readonly onEnd: () => void
}

/**
 * Asks a person who has signed in for the required documents to which they have not agreed, or only in an
 * older version: after a first sign-in at a provider, which cannot bring consents, for example. Where none is
 * missing, it goes on by itself.
 */
export function Agree({ journey, onEnd }: AgreeProps) {
  const answer = useLoaded(() => findOpen(journey.typed.consents ?? []), [])
  const isDone = answer.state === 'ready' && answer.data.length === 0
  useEffect(() => {
    if (isDone) onEnd()
    if (answer.state === 'failed' && isProblem(answer.error, 'invalid_access_token', 'invalid_refresh_token'))
      journey.show({ kind: 'first', error: new Refused('signed_out') })
  }, [answer.state])
  const agree = async (values: Values) => {
    await grant(tickedOf(values))
    onEnd()
  }
  const { heading, text, action } = words().documents.missing
  const isAsking = answer.state === 'ready' && !isDone
  return (
    <Screen heading={isAsking ? heading : words().titles['sign-in']}>
      <Loaded answer={answer}>
        {(documents) =>
          documents.length === 0 ? (
            <Waiting />
          ) : (
            <>
              <p>{text}</p>
              <Form action={agree} submit={action} alternatives={[{ label: words().common.signOut, action: leave }]}>
                <DocumentFields documents={documents} />
              </Form>
            </>
          )
        }
      </Loaded>
    </Screen>
  )
}

/**
 * Records what was ticked before the person was signed in, unless the account has it already.
 * @returns the documents to ask for: none unless a required one is missing
 * @throws like `call`
 */
async function findOpen(ticked: readonly SentConsent[]): Promise<readonly PageDocument[]> {
  const { consents } = await call('listConsents')
  const granted = consents.filter(({ decision }) => decision === 'granted')
  const isGranted = ({ document, version }: SentConsent) => granted.some(isAbout({ name: document, version }))
  const added = ticked.filter((consent) => !isGranted(consent))
  await grant(added)
  const isMissing = (document: PageDocument) => ![...granted, ...added].some(isAbout(document))
  if (!facts.documents.some((document) => document.isRequired && isMissing(document))) return []
  const isUndecided = ({ name }: PageDocument) => !consents.some(({ document }) => document === name)
  return facts.documents.filter((document) => isMissing(document) && (document.isRequired || isUndecided(document)))
}

async function grant(consents: readonly SentConsent[]): Promise<void> {
  for (const { document, version } of consents)
    await call('decideConsent', { params: { document }, body: { version, decision: 'granted' } })
}
