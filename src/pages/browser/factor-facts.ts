import { dateIn, membersOf, when } from './fact-values.ts'
import type { StepUpViews } from './memory.ts'
import type { Facts, JsonMembers } from './outcome.ts'
import { passkeyRows, usablePasskeys } from './passkey-rows.ts'

interface Answers {
  /** The answer of `/users/me/factors`. */
  readonly factors: JsonMembers
  /** The answer of `/users/me/identities`. */
  readonly identities: JsonMembers
}

/**
 * Facts about the factors of an account, and how it steps up.
 * @param hasPasskeys whether this browser has passkeys
 */
export function factsOf(
  language: string,
  hasPasskeys: boolean,
  { factors, identities }: Answers,
): { facts: Facts; stepUp: StepUpViews } {
  const [twoStep, password, totp, codes, reset] = [
    factors.two_step,
    factors.password,
    factors.totp,
    factors.recovery_codes,
    factors.reset,
  ].map(membersOf)
  const passkeys = Array.isArray(factors.passkeys) ? factors.passkeys.map((passkey) => ({ ...passkey })) : []
  const dateOf = (value: unknown, more?: Intl.DateTimeFormatOptions) => dateIn(language, value, more)
  const isTwoStep = twoStep?.enabled === true
  const isDue = typeof twoStep?.due_at === 'string' && Date.parse(twoStep.due_at) <= Date.now()
  const isUsable = usablePasskeys(passkeys).length > 0
  const hasFactor = totp !== undefined || isUsable || Number(codes?.left ?? 0) > 0
  const due = isTwoStep ? undefined : dateOf(twoStep?.due_at)
  const canStepUp = hasPasskeys && isUsable
  const two = totp === undefined && canStepUp ? 'step_up_passkey' : 'step_up_code'
  const providers = providersIn(language, identities)
  const hasOnlyMail = !isUsable && providers === undefined && typeof factors.user_name === 'string'
  const withoutPassword = canStepUp ? 'step_up_passkey' : hasOnlyMail ? 'step_up_mail' : 'step_up_password'
  const one = password?.set === false ? withoutPassword : 'step_up_password'
  return {
    stepUp: { first: isTwoStep || isDue ? two : one, two },
    facts: {
      passkeys: passkeyRows(language, passkeys),
      no_passkeys: when(passkeys.length === 0),
      can_step_up_by_passkey: when(canStepUp),
      password_set: when(password?.set === true),
      password_changed: dateOf(password?.changed_at),
      password_unset: when(password?.set !== true),
      providers,
      two_step_on: when(isTwoStep),
      two_step_since: dateOf(twoStep?.since),
      two_step_off: when(!isTwoStep),
      two_step_due: due,
      needs_factor: when(!isTwoStep && !hasFactor),
      can_turn_on: when(!isTwoStep && hasFactor),
      totp_added: dateOf(totp?.created_at),
      totp_set: when(totp !== undefined),
      totp_unset: when(totp === undefined),
      codes_left: codes === undefined ? undefined : String(codes.left),
      codes_made: dateOf(codes?.created_at),
      codes_unset: when(codes === undefined),
      can_make_codes: when(hasFactor || isTwoStep),
      reset_due: dateOf(reset?.due_at, { timeStyle: 'short' }),
    },
  }
}

function providersIn(language: string, { identities }: JsonMembers): string | undefined {
  if (!Array.isArray(identities) || identities.length === 0) return undefined
  const names = new Set(identities.map(({ provider }) => String(provider)))
  return new Intl.ListFormat(language).format(names)
}
