import type { Factors, Passkey, TotpOffer } from '../../../../client/api.ts'
import { accountWords } from '../../shared/account-words.ts'
import { isUsable } from '../../shared/step-up-proofs.ts'
import { forgetUsedCode } from '../../shared/used-code.tsx'
import { words } from '../../shared/words.ts'

/** A change that is confirmed before it is made. */
export interface Confirmation {
  readonly heading: string
  readonly text: string
  /** What the change is about, such as the name of a passkey. */
  readonly about?: string
  readonly action: string
  /** Makes the change, and shows what comes next. */
  readonly make: () => Promise<unknown>
}

/** What the screen shows. */
export type SecurityState =
  | { readonly name: 'overview' }
  | { readonly name: 'add-totp'; readonly offer: TotpOffer; readonly replaces: boolean }
  | { readonly name: 'codes'; readonly codes: readonly string[] }
  | { readonly name: 'rename'; readonly passkey: Passkey }
  | { readonly name: 'change-password'; readonly userName: string | null }
  | { readonly name: 'confirm'; readonly of: Confirmation }

/** Shows another state. */
export interface Go {
  readonly open: (state: SecurityState) => void
  /** Shows the overview, as it is now. @param notice what was just done */
  readonly done: (notice?: string) => void
}

/** What each section gets. */
export interface SectionProps {
  readonly factors: Factors
  readonly go: Go
}

export function headingOf(state: SecurityState): string {
  const { titles } = words()
  const { security } = accountWords
  if (state.name === 'confirm') return state.of.heading
  return {
    overview: titles.security,
    'add-totp': security.app.addHeading,
    codes: security.codes.saveHeading,
    rename: security.passkeys.renameHeading,
    'change-password': security.password.changeHeading,
  }[state.name]
}

/** Shows recovery codes if the service made some. They are shown once. */
export function showCodes(go: Go, { recovery_codes: codes }: MaybeCodes, notice: string): void {
  if (codes !== undefined) {
    forgetUsedCode()
    go.open({ name: 'codes', codes })
  } else go.done(notice)
}

/** Whether the account has a second factor that works. Recovery codes are none: they stand in for one. */
export const hasSecondFactor = ({ totp, passkeys }: Factors): boolean => totp !== null || passkeys.some(isUsable)

interface MaybeCodes {
  readonly recovery_codes?: readonly string[]
}
