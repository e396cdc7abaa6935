import { useState } from 'preact/hooks'
import type { SentConsent } from '../../../../core/consent-documents.ts'
import { Refused } from '../../shared/explain.ts'
import type { Alternative } from '../../shared/form.tsx'
import { words } from '../../shared/words.ts'
import { type Step, stepAfter } from './steps.ts'

export interface Typed {
  readonly email: string
  /** Only of a sign-up. */
  readonly fullName?: string | null
  /** The documents that were ticked, only of a sign-up. */
  readonly consents?: readonly SentConsent[] | undefined
}

/** A person on the way to being signed in. */
export interface Journey {
  readonly step: Step
  /** What was typed, for the next try. It is kept in memory alone. */
  readonly typed: Typed
  readonly setTyped: (typed: Typed) => void
  readonly show: (step: Step) => void
  /** Performs a request that can sign in, and shows what follows. @throws like `call` */
  readonly advance: (ask: Parameters<typeof stepAfter>[0]) => Promise<Step>
  /** Begins again because the time is over. */
  readonly expire: () => void
}

/** The button that leads back to the first step. */
export const startAgain = ({ show }: Journey): Alternative => ({
  label: words().common.startAgain,
  action: async () => show({ kind: 'first' }),
})

/** @param first the step to begin with */
export function useJourney(first: () => Step): Journey {
  const [step, show] = useState(first)
  const [typed, setTyped] = useState<Typed>({ email: '' })
  return {
    step,
    typed,
    setTyped,
    show,
    advance: async (ask) => {
      const next = await stepAfter(ask)
      show(next)
      return next
    },
    expire: () => show({ kind: 'first', error: new Refused('took_too_long') }),
  }
}
