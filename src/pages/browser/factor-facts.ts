import type { Facts, JsonMembers } from './outcome.ts'

/**
 * Facts about the factors of an account, from the answers of `/users/me/factors` and `/users/me/identities`.
 * `needsTwo`: the account accepts no single factor.
 */
export function factsOf(
  language: string,
  factors: JsonMembers,
  identities: JsonMembers,
): { facts: Facts; needsTwo: boolean } {
  const [twoStep, password, totp, codes, reset] = [
    factors.two_step,
    factors.password,
    factors.totp,
    factors.recovery_codes,
    factors.reset,
  ].map(membersOf)
  const dateOf = (value: unknown, more?: Intl.DateTimeFormatOptions) => dateIn(language, value, more)
  const isTwoStep = twoStep?.enabled === true
  const isDue = typeof twoStep?.due_at === 'string' && Date.parse(twoStep.due_at) <= Date.now()
  const hasFactor = totp !== undefined || Number(codes?.left ?? 0) > 0
  const due = isTwoStep ? undefined : dateOf(twoStep?.due_at)
  return {
    needsTwo: isTwoStep || isDue,
    facts: {
      password_set: when(password?.set === true),
      password_changed: dateOf(password?.changed_at),
      password_unset: when(password?.set !== true),
      providers: providersIn(language, identities),
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

const when = (shown: boolean): string | undefined => (shown ? '' : undefined)

const membersOf = (value: unknown): JsonMembers | undefined =>
  typeof value === 'object' && value !== null ? { ...value } : undefined

function dateIn(language: string, value: unknown, more: Intl.DateTimeFormatOptions = {}): string | undefined {
  if (typeof value !== 'string') return undefined
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', ...more }).format(new Date(value))
}

function providersIn(language: string, { identities }: JsonMembers): string | undefined {
  if (!Array.isArray(identities) || identities.length === 0) return undefined
  const names = new Set(identities.map(({ provider }) => String(provider)))
  return new Intl.ListFormat(language).format(names)
}
