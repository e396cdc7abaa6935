import { useEffect, useState } from 'preact/hooks'
import type { TotpOffer } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { TotpField } from '../../shared/field.tsx'
import { Form, type Values } from '../../shared/form.tsx'
import { TotpSecret } from '../../shared/totp-secret.tsx'
import { words } from '../../shared/words.ts'
import { Cancel } from './confirm.tsx'
import { renewTokens } from './passkeys-section.tsx'
import { type Go, showCodes } from './states.ts'

interface AddTotpProps {
  readonly offer: TotpOffer
  readonly replaces: boolean
  readonly go: Go
}

/** Shows the secret for a new authenticator app, and confirms it with a code. A late one begins again. */
export function AddTotp({ offer, replaces, go }: AddTotpProps) {
  const { app } = accountWords.security
  const isOver = useTimeLimit(offer.expires_in)
  const confirm = async ({ code = '' }: Values) => {
    if (isOver) throw new Refused('took_too_long')
    const added = await call('addTotp', { body: { ticket: offer.ticket, code } })
    await renewTokens()
    showCodes(go, added, app.done)
  }
  const again = async () => go.open({ name: 'add-totp', offer: await call('offerTotp'), replaces })
  return (
    <>
      {!isOver && <TotpSecret secret={offer.secret} uri={offer.uri} />}
      <p role="status" class={isOver ? 'problem' : 'hint'}>
        {isOver ? app.tooLate : app.time}
      </p>
      {replaces && <p>{app.replaces}</p>}
      {isOver ? (
        <Form action={again} submit={words().common.startAgain} aside={<Cancel go={go} />} />
      ) : (
        <Form action={confirm} submit={app.confirm} aside={<Cancel go={go} />}>
          <TotpField name="code" />
        </Form>
      )}
    </>
  )
}

/** Whether the time is over. @param seconds from now */
function useTimeLimit(seconds: number): boolean {
  const [isOver, end] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => end(true), seconds * 1000)
    return () => clearTimeout(timer)
  }, [])
  return isOver
}
