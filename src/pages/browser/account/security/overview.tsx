import { useEffect } from 'preact/hooks'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Loaded } from '../../shared/loaded.tsx'
import { Notice } from '../../shared/notice.tsx'
import { signalOwner } from '../../shared/signals.ts'
import { useLoaded } from '../../shared/use-answer.ts'
import { UsedCodeWarning } from '../../shared/used-code.tsx'
import { CodesSection } from './codes-section.tsx'
import { PasskeysSection } from './passkeys-section.tsx'
import { PasswordSection } from './password-section.tsx'
import { PendingReset } from './pending-reset.tsx'
import type { Go } from './states.ts'
import { TotpSection } from './totp-section.tsx'
import { TwoStepSection } from './two-step-section.tsx'

interface OverviewProps {
  readonly go: Go
  /** What was just done. */
  readonly notice: string
  /** Grows with every change, after which the factors are read again. */
  readonly round: number
  /** Whether the address still says which section the person came for. */
  readonly isFirst: boolean
}

/** All factors of the account. */
export function Overview({ go, notice, round, isFirst }: OverviewProps) {
  const answer = useLoaded(() => load(round), [round])
  // What was done is said together with what it has changed.
  const isNew = answer.state === 'failed' || (answer.state === 'ready' && answer.data.round === round)
  const isReady = answer.state === 'ready'
  useEffect(() => {
    if (isReady && isFirst) document.getElementById(location.hash.slice(1))?.focus()
  }, [isReady])
  return (
    <>
      <Notice text={isNew ? notice : ''} round={round} />
      <p>{accountWords.security.lead}</p>
      <Loaded answer={answer}>
        {({ factors, identities }) => (
          <>
            <PendingReset factors={factors} go={go} />
            <UsedCodeWarning />
            <TwoStepSection factors={factors} go={go} />
            <PasskeysSection factors={factors} go={go} />
            <TotpSection factors={factors} go={go} />
            <CodesSection factors={factors} go={go} />
            <PasswordSection factors={factors} identities={identities} go={go} />
          </>
        )}
      </Loaded>
    </>
  )
}

async function load(round: number) {
  const [factors, { identities }] = await Promise.all([call('getFactors'), call('listIdentities')])
  signalOwner(factors)
  return { factors, identities, round }
}
