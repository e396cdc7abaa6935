import type { RestoreOffer as Offer } from '../../../../client/api.ts'
import { call } from '../../shared/client.ts'
import { Form } from '../../shared/form.tsx'
import { Screen } from '../../shared/screen.tsx'
import { dateOf, insert, words } from '../../shared/words.ts'
import { type Journey, startAgain } from './use-journey.ts'

interface RestoreOfferProps {
  readonly journey: Journey
  readonly offer: Offer
}

/** The account was deleted by its owner, who has just signed in. */
export function RestoreOffer({ journey, offer }: RestoreOfferProps) {
  const { heading, text, action } = words().signIn.restore
  const restore = () => journey.advance(() => call('restoreAccount', { body: { token: offer.restore_token } }))
  return (
    <Screen heading={heading}>
      <p>{insert(text, dateOf(offer.restore_until))}</p>
      <Form action={restore} submit={action} alternatives={[startAgain(journey)]} />
    </Screen>
  )
}
