import { useRef, useState } from 'preact/hooks'
import { Screen } from '../../shared/screen.tsx'
import { SignedIn } from '../../shared/signed-in.tsx'
import { useBack } from '../../shared/use-back.ts'
import { AddTotp } from './add-totp.tsx'
import { ChangePassword } from './change-password.tsx'
import { Confirm } from './confirm.tsx'
import { Overview } from './overview.tsx'
import { RenamePasskey } from './rename-passkey.tsx'
import { SaveCodes } from './save-codes.tsx'
import { type Go, headingOf, type SecurityState } from './states.ts'

/** Everything that signs in to the account: password, passkeys, second factors. */
export const Security = () => (
  <SignedIn screen="security">
    <States />
  </SignedIn>
)

interface Shown {
  readonly state: SecurityState
  readonly notice: string
  /** Grows with every change. */
  readonly round: number
}

function States() {
  const [{ state, notice, round }, show] = useState<Shown>({ state: { name: 'overview' }, notice: '', round: 0 })
  const isFirst = useRef(true)
  const go: Go = {
    open(next) {
      isFirst.current = false
      show({ state: next, notice: '', round })
    },
    done: (said = '') => show((before) => ({ state: { name: 'overview' }, notice: said, round: before.round + 1 })),
  }
  useBack(state.name !== 'overview', () => go.done())
  return (
    <Screen heading={headingOf(state)}>
      {state.name === 'overview' && <Overview go={go} notice={notice} round={round} isFirst={isFirst.current} />}
      {state.name === 'add-totp' && <AddTotp key={state.offer.ticket} go={go} {...state} />}
      {state.name === 'codes' && <SaveCodes go={go} codes={state.codes} />}
      {state.name === 'rename' && <RenamePasskey go={go} passkey={state.passkey} />}
      {state.name === 'change-password' && <ChangePassword go={go} userName={state.userName} />}
      {state.name === 'confirm' && <Confirm go={go} of={state.of} />}
    </Screen>
  )
}
