import { DEVICE_TOKEN_DAYS, FAILURES_IN_A_ROW_DAYS, TICKET_MINUTES } from './lifetimes.ts'
import type { Settings } from './settings.ts'

// Every rate limit, burst limit and lockout of requests. Four quotas of stored things are elsewhere:
// CONSENT_QUOTA (storage/database/consent-row.ts), NOTICES_AN_HOUR (core/mail.ts), MAX_DENIALS_AN_HOUR
// (operators/as-operator.ts) and MAX_SESSIONS (sessions/session-limits.ts).

/** The property by which requests are counted. `address` is the network address of the client. */
export type CountedBy = 'address' | 'email' | 'session' | 'user' | 'device' | 'request'

export interface Quota {
  readonly count: number
  readonly windowMs: number
  /** The window ends `windowMs` after the last count instead of the first. */
  readonly isProlonged?: true
}

/** The Rate Limiting bindings of wrangler.toml. Each location counts on its own, before any store is read. */
export const burstLimits = {
  BURST_SIGN_IN: { count: 300, windowMs: 60_000 },
  BURST_WRITE: { count: 600, windowMs: 60_000 },
  BURST_LOG: { count: 1200, windowMs: 60_000 },
} as const satisfies Record<string, Quota>
export type BurstLimit = keyof typeof burstLimits

interface LimitPolicy extends Partial<Record<CountedBy, Quota>> {
  readonly burstLimit: BurstLimit
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const FAILURES_IN_A_ROW = 100

/**
 * How many wrong codes of an authenticator app an account may get until a right second factor. From then on
 * no code is compared, whatever windows have ended. A code is one of a million, and three are right at a
 * time, so the chance of a guess is at most 50 × 3 / 1,000,000 in all.
 */
export const MAX_WRONG_CODES = 50

type LimitSettings = Pick<Settings, 'LIMIT_FACTOR' | 'SIGN_IN_MAX_FAILURES' | 'SIGN_IN_WINDOW_MINUTES'>

/**
 * The rate limit policies. Requests over a quota get 429 until the window ends. A window begins with its
 * first request, and later requests do not extend it.
 */
export function limitPolicies({ LIMIT_FACTOR }: Pick<LimitSettings, 'LIMIT_FACTOR'>) {
  const quota = (count: number, windowMs: number): Quota => ({ count: count * LIMIT_FACTOR, windowMs })
  return {
    // These routes hash a password. Only failed sign-ins count: a successful one takes its count back.
    'sign-in': { burstLimit: 'BURST_SIGN_IN', address: quota(100, 15 * MINUTE_MS) },
    register: { burstLimit: 'BURST_SIGN_IN', address: quota(50, HOUR_MS), email: quota(10, HOUR_MS) },
    // The second step of a sign-in. Only failures count: a sign-in takes its count back.
    'second-factor': { burstLimit: 'BURST_SIGN_IN', address: quota(100, 15 * MINUTE_MS) },
    // `lockoutPolicies` counts the failures. This policy limits how many hashes a signed-in user can cause.
    'confirm-password': {
      burstLimit: 'BURST_SIGN_IN',
      address: quota(100, 15 * MINUTE_MS),
      user: quota(60, 15 * MINUTE_MS),
    },
    // These routes send a mail. `email` is the address to which the mail would be sent.
    'reset-password': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), email: quota(5, HOUR_MS) },
    'resend-verification': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), email: quota(5, HOUR_MS) },
    'change-email': {
      burstLimit: 'BURST_WRITE',
      address: quota(60, HOUR_MS),
      email: quota(5, HOUR_MS),
      user: quota(10, HOUR_MS),
    },
    'mail-sign-in': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), email: quota(5, HOUR_MS) },
    // The account that a sealed ticket names.
    'mail-enrolment-code': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(3, HOUR_MS) },
    refresh: { burstLimit: 'BURST_WRITE', address: quota(3000, 10 * MINUTE_MS), session: quota(100, 10 * MINUTE_MS) },
    logout: { burstLimit: 'BURST_WRITE', address: quota(600, 10 * MINUTE_MS), session: quota(20, 10 * MINUTE_MS) },
    // The user is known only after the token was read, and a token can be used only once. So only the network
    // address is counted.
    'one-time-token': { burstLimit: 'BURST_SIGN_IN', address: quota(60, 15 * MINUTE_MS) },
    // The three requests of one social sign-in share this policy.
    'social-sign-in': { burstLimit: 'BURST_SIGN_IN', address: quota(300, 15 * MINUTE_MS) },
    // An account opens at most `signInLimit` sessions with the codes.
    return: { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(300, HOUR_MS) },
    // These routes send a notice to the owner.
    'change-identities': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(20, HOUR_MS) },
    'change-factors': { burstLimit: 'BURST_WRITE', address: quota(120, HOUR_MS), user: quota(30, HOUR_MS) },
    // `change-factors` and `update-profile` to `import-users` are counted in the first batch of the verb
    // (`isCountedWithWork`), which costs one more statement and no wait.
    'update-profile': { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(300, HOUR_MS) },
    // An account has at most a hundred sessions. The quota of a session is smaller than that of its user, so
    // that an attacker with one stolen session cannot use up the requests that the owner needs to end it.
    'end-sessions': {
      burstLimit: 'BURST_WRITE',
      address: quota(3000, HOUR_MS),
      session: quota(300, HOUR_MS),
      user: quota(3000, HOUR_MS),
    },
    'decide-consent': { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(300, HOUR_MS) },
    'start-linking': { burstLimit: 'BURST_WRITE', address: quota(600, HOUR_MS), user: quota(60, HOUR_MS) },
    // Changes by operators, by hand or by script, and the chunks of an import with fifty users each.
    operate: { burstLimit: 'BURST_WRITE', address: quota(3000, HOUR_MS), user: quota(600, HOUR_MS) },
    'import-users': { burstLimit: 'BURST_WRITE', address: quota(15_000, HOUR_MS), user: quota(3000, HOUR_MS) },
    export: { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(10, DAY_MS) },
    'delete-account': { burstLimit: 'BURST_WRITE', address: quota(60, HOUR_MS), user: quota(10, DAY_MS) },
  } as const satisfies Record<string, LimitPolicy>
}

/**
 * The policies of operators' routes. Operators cannot clear these counters for themselves or for one another.
 */
export const operatorLimits: ReadonlySet<LimitName> = new Set(['operate', 'import-users'])

export type LimitName = keyof ReturnType<typeof limitPolicies>

/**
 * How many sessions one account may open by any way of signing in: two a minute for an hour. Neither a person
 * nor a program that signs in every minute reaches this. The counter is in the account's own row.
 */
export const signInLimit = ({ LIMIT_FACTOR }: Pick<LimitSettings, 'LIMIT_FACTOR'>): Quota => ({
  count: 120 * LIMIT_FACTOR,
  windowMs: HOUR_MS,
})

/** The policy of one route. */
export const limitPolicy = (settings: Pick<LimitSettings, 'LIMIT_FACTOR'>, name: LimitName): LimitPolicy =>
  limitPolicies(settings)[name]

/**
 * How many wrong passwords cause a lockout: then even the right password is refused until the window ends
 * (ASVS 6.3.1). An attempt is counted before its password is compared, and a success clears the count. An
 * attempt with a valid device token is counted by `device` instead of `email`.
 */
export function lockoutPolicies({ SIGN_IN_MAX_FAILURES, SIGN_IN_WINDOW_MINUTES }: LimitSettings) {
  const failures: Quota = { count: SIGN_IN_MAX_FAILURES, windowMs: SIGN_IN_WINDOW_MINUTES * MINUTE_MS }
  return {
    /** `email` is the address in the request, whether or not an account has it. */
    'sign-in': { email: failures, device: failures },
    /**
     * Failures without a success between them (NIST SP 800-63B-4 section 3.2.2). During this lockout the
     * owner can still sign in with a device token, after a password reset or at a provider. The counter of a
     * device token is kept longer than the token is valid.
     */
    'sign-in-in-a-row': {
      email: { count: FAILURES_IN_A_ROW, windowMs: FAILURES_IN_A_ROW_DAYS * DAY_MS, isProlonged: true },
      device: { count: FAILURES_IN_A_ROW, windowMs: DEVICE_TOKEN_DAYS * DAY_MS },
    },
    /**
     * Failures of a signed-in user. They have a counter of their own, so that failed sign-ins by an attacker
     * cannot lock the owner out here.
     */
    'confirm-password': { user: failures },
    /**
     * Codes of an authenticator app, at sign-in and at step-up. The account is counted whatever the network
     * and the sign-in, and only a right second factor clears the count. So another sign-in with the right
     * password gives no more guesses. Recovery codes work during this lockout.
     */
    'second-factor': { user: { count: 5, windowMs: 15 * MINUTE_MS } },
    'second-factor-a-day': { user: { count: 20, windowMs: DAY_MS } },
    /**
     * Codes that were typed for one request of a mail that signs in, and for its address. The link in the
     * mail is not counted: nobody can guess it. A step-up takes no link, so it counts its user in place of
     * the address: strangers cannot lock the owner out there.
     */
    'sign-in-code': { request: { count: 5, windowMs: TICKET_MINUTES['mail-sign-in'] * MINUTE_MS } },
    'sign-in-code-a-day': { email: { count: 20, windowMs: DAY_MS }, user: { count: 20, windowMs: DAY_MS } },
  } as const satisfies Record<string, Partial<Record<CountedBy, Quota>>>
}

export type LockoutName = keyof ReturnType<typeof lockoutPolicies>
