import { DEVICE_TOKEN_DAYS, FAILURES_IN_A_ROW_DAYS } from './lifetimes.ts'
import type { Settings } from './settings.ts'

// Who may ask for what how often. Everything that throttles reads it here.

/**
 * By what requests are counted: the client's network, an e-mail address, a session, a signed-in user, a
 * device token.
 */
export type CountedBy = 'address' | 'email' | 'session' | 'user' | 'device'

export interface Quota {
  readonly count: number
  readonly windowMs: number
  /** The window ends this long after the last count, and not after the first. */
  readonly isProlonged?: true
}

/**
 * Rate Limiting bindings, as wrangler.toml declares them: counted at each location, before any storage is
 * touched.
 */
export const burstLimits = {
  BURST_SIGN_IN: { count: 300, windowMs: 60_000 },
  BURST_WRITE: { count: 600, windowMs: 60_000 },
} as const satisfies Record<string, Quota>
export type BurstLimit = keyof typeof burstLimits

interface LimitPolicy extends Partial<Record<CountedBy, Quota>> {
  readonly burstLimit: BurstLimit
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const FAILURES_IN_A_ROW = 100

type LimitSettings = Pick<Settings, 'LIMIT_FACTOR' | 'SIGN_IN_MAX_FAILURES' | 'SIGN_IN_WINDOW_MINUTES'>

/**
 * Requests over a quota are refused with 429 until the window ends. A window begins with its first request
 * and is not prolonged by those that follow.
 */
export function limitPolicies({ LIMIT_FACTOR }: Pick<LimitSettings, 'LIMIT_FACTOR'>) {
  const quota = (count: number, windowMs: number): Quota => ({ count: count * LIMIT_FACTOR, windowMs })
  return {
    // These hash a password. Sign-in counts failures alone: a success gives its count back.
    'sign-in': { burstLimit: 'BURST_SIGN_IN', address: quota(100, 15 * MINUTE_MS) },
    register: { burstLimit: 'BURST_SIGN_IN', address: quota(50, HOUR_MS), email: quota(10, HOUR_MS) },
    // Failures are counted apart, by `lockoutPolicies`; this bounds what a session may have hashed.
    'confirm-password': {
      burstLimit: 'BURST_SIGN_IN',
      address: quota(100, 15 * MINUTE_MS),
      user: quota(60, 15 * MINUTE_MS),
    },
    // These mail. The address counted is the one that the mail would go to.
    'reset-password': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), email: quota(5, HOUR_MS) },
    'resend-verification': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), email: quota(5, HOUR_MS) },
    'change-email': {
      burstLimit: 'BURST_WRITE',
      address: quota(60, HOUR_MS),
      email: quota(5, HOUR_MS),
      user: quota(10, HOUR_MS),
    },
    refresh: { burstLimit: 'BURST_WRITE', address: quota(3000, 10 * MINUTE_MS), session: quota(100, 10 * MINUTE_MS) },
    logout: { burstLimit: 'BURST_WRITE', address: quota(600, 10 * MINUTE_MS), session: quota(20, 10 * MINUTE_MS) },
    // Their subject is known only once the token has been read, and a token is good for one use.
    'one-time-token': { burstLimit: 'BURST_SIGN_IN', address: quota(60, 15 * MINUTE_MS) },
    // The three steps of one sign-in.
    'social-sign-in': { burstLimit: 'BURST_SIGN_IN', address: quota(300, 15 * MINUTE_MS) },
    // These tell the owner by mail.
    'change-identities': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(20, HOUR_MS) },
    // These ride in the batch that does the work: a statement more, and no wait.
    'update-profile': { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(300, HOUR_MS) },
    // An account has a hundred sessions at most. By session first, so that a thief with one of them does not
    // use up what its owner needs to put him out.
    'end-sessions': {
      burstLimit: 'BURST_WRITE',
      address: quota(3000, HOUR_MS),
      session: quota(300, HOUR_MS),
      user: quota(3000, HOUR_MS),
    },
    'decide-consent': { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(300, HOUR_MS) },
    'start-linking': { burstLimit: 'BURST_WRITE', address: quota(600, HOUR_MS), user: quota(60, HOUR_MS) },
    // What operators change, by hand or by script; and the chunks of an import, fifty people each.
    operate: { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(600, HOUR_MS) },
    'import-users': { burstLimit: 'BURST_WRITE', address: quota(15_000, HOUR_MS), user: quota(3000, HOUR_MS) },
    export: { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(10, DAY_MS) },
    'delete-account': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(10, DAY_MS) },
  } as const satisfies Record<string, LimitPolicy>
}

/** Of what operators do: they do not clear these for themselves or for one another. */
export const operatorLimits: ReadonlySet<LimitName> = new Set(['operate', 'import-users'])

export type LimitName = keyof ReturnType<typeof limitPolicies>

/**
 * Sessions that one account may open, however it signs in: two a minute for an hour. A person does not come
 * near it, nor does a program that signs in every minute. Counted in the account's own row.
 */
export const signInLimit = ({ LIMIT_FACTOR }: Pick<LimitSettings, 'LIMIT_FACTOR'>): Quota => ({
  count: 120 * LIMIT_FACTOR,
  windowMs: HOUR_MS,
})

/** The policy of one route. */
export const limitPolicy = (settings: Pick<LimitSettings, 'LIMIT_FACTOR'>, name: LimitName): LimitPolicy =>
  limitPolicies(settings)[name]

/**
 * Wrong passwords before even the right one is refused until the window ends (ASVS 6.3.1). Each is counted
 * before it is compared, and a success clears the count. Who shows a good device token is counted by that in
 * place of the address.
 */
export function lockoutPolicies({ SIGN_IN_MAX_FAILURES, SIGN_IN_WINDOW_MINUTES }: LimitSettings) {
  const failures: Quota = { count: SIGN_IN_MAX_FAILURES, windowMs: SIGN_IN_WINDOW_MINUTES * MINUTE_MS }
  return {
    /** By the address that was typed, whether or not it is known. */
    'sign-in': { email: failures, device: failures },
    /**
     * In all, without a success between them (NIST SP 800-63B-4 section 3.2.2). Then a device token, a reset
     * or a provider still lets the owner in. A device token's count outlives the token.
     */
    'sign-in-in-a-row': {
      email: { count: FAILURES_IN_A_ROW, windowMs: FAILURES_IN_A_ROW_DAYS * DAY_MS, isProlonged: true },
      device: { count: FAILURES_IN_A_ROW, windowMs: DEVICE_TOKEN_DAYS * DAY_MS },
    },
    /**
     * Whoever is signed in already. A count of its own: strangers at the sign-in cannot lock the owner out
     * here.
     */
    'confirm-password': { user: failures },
  } as const satisfies Record<string, Partial<Record<CountedBy, Quota>>>
}

export type LockoutName = keyof ReturnType<typeof lockoutPolicies>
