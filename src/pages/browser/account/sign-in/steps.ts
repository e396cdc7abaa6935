import type { Operations, RestoreOffer, SignIn, SignUpAsked } from '../../../../client/api.ts'
import type { Finished } from '../../../../client/client.ts'
import {
  type EnrolmentAsked,
  EnrolmentRequiredError,
  type SecondFactorAsked,
  SecondFactorRequiredError,
} from '../../../../client/second-factor.ts'
import { addressOf } from '../../../screens.ts'
import { facts } from '../../shared/facts.ts'
import { signalOwner } from '../../shared/signals.ts'

/** What a person has to do next to be signed in. */
export type Step =
  /** @property error why it begins again */
  | { readonly kind: 'first'; readonly error?: unknown }
  | { readonly kind: 'second-factor'; readonly asked: SecondFactorAsked; readonly endsAtMs: number }
  | {
      readonly kind: 'enrol'
      readonly asked: Pick<EnrolmentAsked, 'enrolment_token' | 'methods'>
      readonly isByLink: boolean
    }
  | { readonly kind: 'restore'; readonly offer: RestoreOffer }
  | { readonly kind: 'new-passkey'; readonly asked: SignUpAsked; readonly endsAtMs: number }
  | { readonly kind: 'codes'; readonly codes: readonly string[]; readonly isSignedIn: boolean }
  | { readonly kind: 'used-code'; readonly left: number }
  | { readonly kind: 'mail' }
  | { readonly kind: 'mail-link'; readonly token: string }
  | { readonly kind: 'useless-link' }
  /** Signed in. Documents may be open. */
  | { readonly kind: 'agree' }
  | { readonly kind: 'done' }

/** What the service answers to an operation that can sign in. */
type Answer = Finished<'confirmSignInCode' | 'addFirstTotp' | 'login'> | Operations['login']['answer']

/**
 * Performs a request that can sign in.
 * @returns what follows
 * @throws like `call`
 */
export async function stepAfter(ask: () => Promise<Answer>): Promise<Step> {
  try {
    return stepOf(await ask())
  } catch (error) {
    if (error instanceof SecondFactorRequiredError)
      return { kind: 'second-factor', asked: error.asked, endsAtMs: endOf(error.asked) }
    if (error instanceof EnrolmentRequiredError) return { kind: 'enrol', asked: error.asked, isByLink: false }
    throw error
  }
}

function stepOf(answer: Answer): Step {
  if ('account_status' in answer) return { kind: 'restore', offer: answer }
  if ('passkey_required' in answer) return { kind: 'new-passkey', asked: answer, endsAtMs: endOf(answer) }
  const isSignedIn = 'access_token' in answer
  if (isSignedIn) noteOwner(answer)
  const codes = 'recovery_codes' in answer ? answer.recovery_codes : undefined
  if (codes !== undefined) return { kind: 'codes', codes, isSignedIn }
  if (!isSignedIn) return { kind: 'first' }
  const { recovery_codes_left: left } = answer
  return left === undefined || leadsToFactors() ? afterSignIn() : { kind: 'used-code', left }
}

/** What follows when the person is signed in. */
export const afterSignIn = (): Step => ({ kind: facts.documents.length === 0 ? 'done' : 'agree' })

/** The screen of the factors says itself that a recovery code was used. */
const leadsToFactors = (): boolean =>
  new URLSearchParams(location.search).get('next')?.startsWith(addressOf('security')) === true

/** The browser learns which passkeys the account still accepts. */
function noteOwner({ passkey }: SignIn): void {
  if (passkey !== undefined) signalOwner(passkey)
}

/** Unix milliseconds. */
const endOf = ({ expires_in: seconds }: { readonly expires_in: number }): number => Date.now() + seconds * 1000
