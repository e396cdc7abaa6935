import { useState } from 'preact/hooks'
import type { PasskeyOffer, TotpOffer } from '../../../../client/api.ts'
import { canUsePasskeys } from '../../shared/authenticator.ts'
import { call } from '../../shared/client.ts'
import { Form } from '../../shared/form.tsx'
import { Screen, unbroken } from '../../shared/screen.tsx'
import { words } from '../../shared/words.ts'
import { EnrolApp } from './enrol-app.tsx'
import { EnrolPasskey } from './enrol-passkey.tsx'
import { type Enrolment, mailCode, orBeginAgain, tokenOf } from './enrolment.ts'
import { startAgain } from './use-journey.ts'

export { NewCodes } from './new-codes.tsx'

type Adding =
  | { readonly kind: 'app'; readonly offer: TotpOffer }
  | { readonly kind: 'passkey'; readonly offer: PasskeyOffer }

/** Adds the second factor that the account must have, before there is a session. */
export function Enrol({ journey, step }: Enrolment) {
  const [adding, add] = useState<Adding & { readonly endsAtMs: number }>()
  if (adding?.kind === 'app') return <EnrolApp {...adding} journey={journey} step={step} />
  if (adding?.kind === 'passkey') return <EnrolPasskey {...adding} journey={journey} step={step} />

  const begin = (offerOf: () => Promise<Adding>) => () =>
    orBeginAgain({ journey, step }, async () => {
      if (!step.isByLink) await mailCode({ journey, step })
      const offered = await offerOf()
      add({ ...offered, endsAtMs: Date.now() + offered.offer.expires_in * 1000 })
    })
  const body = tokenOf(step)
  const offerApp = begin(async () => ({ kind: 'app', offer: await call('offerFirstTotp', { body }) }))
  const offerPasskey = (kind: 'passkey' | 'security_key') =>
    begin(async () => ({ kind: 'passkey', offer: await call('offerPasskeyEnrolment', { body: { ...body, kind } }) }))
  const { enrol, enrolByLink, withPasskey, withSecurityKey } = words().secondStep
  const { heading, text, action } = step.isByLink ? enrolByLink : enrol
  const passkeys = canUsePasskeys && step.asked.methods.includes('passkey')
  return (
    <Screen heading={heading}>
      {text.map((paragraph) => (
        <p key={paragraph}>{unbroken(paragraph)}</p>
      ))}
      <Form
        action={offerApp}
        submit={action}
        alternatives={[
          ...(passkeys
            ? [
                { label: withPasskey, action: offerPasskey('passkey') },
                { label: withSecurityKey, action: offerPasskey('security_key') },
              ]
            : []),
          startAgain(journey),
        ]}
      />
    </Screen>
  )
}
