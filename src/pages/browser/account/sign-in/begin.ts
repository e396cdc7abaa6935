import { useEffect, useState } from 'preact/hooks'
import { call } from '../../shared/client.ts'
import { Refused } from '../../shared/explain.ts'
import { linkToken } from '../../shared/link-token.ts'
import { type Return, readReturn } from '../../shared/provider.ts'
import { readRequest } from './kept-request.ts'
import type { Step } from './steps.ts'
import type { Journey } from './use-journey.ts'

const MAIL = 'lk_signin_'

let isTokenUsed = false

// The link of a mail opens in a tab of its own, which goes on to where the first one wanted to go.
if (linkToken.startsWith(MAIL) && location.search === '')
  history.replaceState(null, '', location.pathname + (readRequest()?.search ?? ''))

/**
 * The step at which this document begins. Mails and operators have links to it. The token of another link
 * waits for its own screen.
 */
export function firstStep(): Step {
  if (isTokenUsed || linkToken === '') return { kind: 'first' }
  isTokenUsed = true
  if (linkToken.startsWith(MAIL)) return { kind: 'mail-link', token: linkToken }
  if (linkToken.startsWith('lk_')) return { kind: 'first' }
  return { kind: 'enrol', asked: { enrolment_token: linkToken, methods: ['totp', 'passkey'] }, isByLink: true }
}

/** Finishes a sign-in at a provider. @returns whether it is going on */
export function useReturn({ advance, show, setTyped }: Journey, screen: 'sign-in' | 'sign-up' = 'sign-in'): boolean {
  const [returned, forget] = useState(() => readReturn(screen))
  useEffect(() => {
    if (returned === undefined) return
    setTyped({ email: '', consents: returned.consents })
    advance(() => finish(returned))
      .catch((error: unknown) => show({ kind: 'first', error }))
      .finally(() => forget(undefined))
  }, [])
  return returned !== undefined
}

async function finish({ exchange, error }: Return) {
  if (exchange === undefined) throw new Refused(error === 'invalid_credentials' ? 'not_linked' : 'provider_failed')
  return call('exchangeCode', { body: exchange })
}
