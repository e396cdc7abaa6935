import * as z from 'zod'
import { readConsentDocuments } from './consent-documents.ts'
import { DISTRUST_ENTRY, parseDistrust } from './distrust.ts'
import { LONGEST_GRACE_DAYS } from './lifetimes.ts'
import { readAndroidApps, readAppleAppIds } from './native-apps.ts'
import { profileFieldsSchema, providersSchema, redirectUrisSchema } from './oauth-settings.ts'
import { ADMIN_ROLE, rolesSchema } from './operator.ts'
import { parseOutboundUrl } from './outbound-address.ts'
import { readReturnAddresses } from './return-addresses.ts'
import { isLoopback, isSecure } from './web-address.ts'
import { witnessPolicySchema } from './witness-policy.ts'

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')

/** A comma-separated list. Spaces around an entry are ignored. */
const list = (pattern: RegExp) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
    .pipe(z.array(z.string().regex(pattern)))

const roles = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
    .pipe(rolesSchema)

const origin = z.url({ protocol: /^https?$/ }).refine((value) => {
  if (!URL.canParse(value)) return false
  return new URL(value).origin === value && isSecure(value)
}, 'an origin such as https://id.example.com, without path or trailing slash; http only for localhost')

const httpUrl = z.url({ protocol: /^https?$/ }).refine(isSecure, 'https; http only for localhost')

/** The base of links: a URL without query, fragment and trailing slash. */
const linkBase = httpUrl.refine((value) => !/[?#]|\/$/.test(value))

/** An exact list of origins, separated by commas or white space; empty for none. */
const origins = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(origin).max(50))

/** A list that its reader checks, so that a start builds no schema for it. */
const uncheckedList = z.string().optional()

/** One address, with or without a display name: `Example <no-reply@example.com>`. */
const sender = z.string().regex(/^(?:[^<>"\r\n]{1,100} <[^\s<>"@]+@[^\s<>"@]+>|[^\s<>"@]+@[^\s<>"@]+)$/)

/**
 * Every setting except root keys and client secrets, with its default and its bounds. The environment holds
 * the values as strings.
 */
export const settingsSchema = z.object({
  /** Public origin of this service: the claim `iss` of its tokens and the base of its links. */
  ISSUER: origin,
  /** The claim `aud` of access tokens. */
  AUDIENCE: z.string().min(1).max(200),
  /**
   * In code points. ASVS 6.2.1 requires at least 8. NIST SP 800-63B-4 requires 15 if the password is the only
   * factor.
   */
  PASSWORD_MIN_LENGTH: whole(8, 8, 64),
  /**
   * Whether new passwords are looked up in a service of breached passwords. Only 5 hexadecimal digits of a
   * SHA-1 hash leave the Worker.
   */
  BREACH_CHECK: flag,
  /** Base URL of that service's range API, which must be compatible with Have I Been Pwned. */
  BREACH_CHECK_URL: linkBase
    .refine((value) => value.startsWith('https:'), 'https')
    .default('https://api.pwnedpasswords.com/range'),
  /** Argon2id memory in KiB. The minimum is OWASP's lowest recommendation with t = 2. */
  ARGON2_MEMORY_KIB: whole(19_456, 19_456, 65_536),
  ARGON2_ITERATIONS: whole(2, 2, 10),
  /**
   * Length of the hash queue: requests of one isolate that hash a password or wait to do so. Further requests
   * get 503 at once. A hash takes about 20 ms, so the last of 64 waits about two seconds, including other
   * work of the isolate.
   */
  HASH_LINE_LENGTH: whole(64, 1, 1000),
  /** Absolute and idle lifetime of a session. */
  SESSION_DAYS: whole(30, 1, 365),
  SESSION_IDLE_DAYS: whole(7, 1, 365),
  ACCESS_TOKEN_MINUTES: whole(15, 1, 60),
  /** Failed sign-ins to one account within the window after which even the right password is refused. */
  SIGN_IN_MAX_FAILURES: whole(10, 3, 100),
  SIGN_IN_WINDOW_MINUTES: whole(15, 1, 1440),
  /**
   * How many steps of 30 seconds before and after the present one a code of an authenticator app may have,
   * for clocks that differ (RFC 6238 section 5.2).
   */
  TOTP_DRIFT_STEPS: whole(1, 0, 1),
  /**
   * The domain to which passkeys are bound. By default the host of `ISSUER`. A wrong one, or a wrong origin,
   * switches passkeys off and nothing else (core/relying-party.ts).
   */
  WEBAUTHN_RP_ID: uncheckedList,
  /** The exact origins of pages and Android applications that use passkeys. By default `ISSUER`. */
  WEBAUTHN_ORIGINS: uncheckedList,
  /** Android applications that share passkeys with this service: `<package>=<SHA-256 of a certificate>`. */
  ANDROID_APPS: uncheckedList,
  /** Applications of Apple's platforms that share passkeys with this service: `<team id>.<bundle id>`. */
  APPLE_APP_IDS: uncheckedList,
  /**
   * Multiplies every quota of core/rate-limit-policies.ts, for deployments where many people share a network
   * address.
   */
  LIMIT_FACTOR: whole(1, 1, 1000),
  /**
   * `on`: a mailed code or link signs in. A mailbox is no second factor, and weaker than a password (ASVS
   * 6.3.6), so it is off by default.
   */
  EMAIL_SIGN_IN: z.enum(['off', 'on']).default('off'),
  /** Whether sign-in is refused until the address is verified. */
  REQUIRE_VERIFIED_EMAIL: flag,
  /**
   * Who must have two factors: nobody, users with one of `TWO_STEP_ROLES`, or every user. Operators' routes
   * always require two, except with `none` where `ISSUER` is on localhost.
   */
  TWO_STEP_REQUIRED: z.enum(['none', 'roles', 'everyone']).default('roles'),
  /** Roles whose holders must have two factors, separated by commas. */
  TWO_STEP_ROLES: roles(ADMIN_ROLE),
  /** Days from the grant of the role, or from the change of the policy, until one factor opens no session. */
  TWO_STEP_GRACE_DAYS: whole(14, 0, 365),
  /**
   * `private`: registering an address that has an account is answered like any other, and its owner gets a
   * mail. Sign-in requires a verified address; without it, the answer is the same as for a wrong password
   * (E3).
   */
  REGISTRATION_MODE: z.enum(['public', 'private']).default('public'),
  /** Documents that people agree to when they create an account, by their names in the ledger of consents. */
  CONSENT_DOCUMENTS: z
    .unknown()
    .optional()
    .transform((value, issues) => {
      const documents = readConsentDocuments(value)
      if (documents === undefined) issues.addIssue('a table of documents')
      return documents ?? []
    }),
  /** Origins of browser applications that may call with a bearer token (CORS). */
  CORS_ORIGINS: origins,
  /** Origins of browser applications that may also sign in with the cookie: CORS with credentials. */
  COOKIE_ORIGINS: origins,
  /**
   * `None` allows an application on another site to use the cookie. Browsers may still block third-party
   * cookies.
   */
  COOKIE_SAME_SITE: z.enum(['Lax', 'None']).default('Lax'),
  /** Providers of social sign-in, keyed by their names in paths. Each needs `OAUTH_<NAME>_CLIENT_SECRET`. */
  OAUTH_PROVIDERS: providersSchema,
  /** Addresses to which the browser may be redirected after social sign-in. */
  OAUTH_REDIRECT_URIS: redirectUrisSchema,
  /** Addresses of applications to which the service's own pages may send a person back, with a code. */
  RETURN_ADDRESSES: uncheckedList,
  /** Which of `full_name` and `avatar_url` a sign-up copies from the provider. */
  OAUTH_PROFILE_FIELDS: profileFieldsSchema,
  /** Name of the service in mails and pages. */
  PRODUCT_NAME: z
    .string()
    .regex(/^[^\p{C}]{1,60}$/u)
    .default('Latchkey'),
  /** Base URL of links in mails, to which the page's name is appended. By default the service's own pages. */
  MAIL_LINK_BASE: linkBase.optional(),
  /**
   * `on`: the pages for people. `links`: those that mails lead to, and signing in. `off`: none, which needs
   * `MAIL_LINK_BASE` unless no mail leaves.
   */
  ACCOUNT_PAGES: z.enum(['on', 'links', 'off']).default('on'),
  /** Sender of mails. By default `no-reply` at the host of `ISSUER`. */
  MAIL_FROM: sender.optional(),
  /**
   * `binding`: Cloudflare's send_email. `smtp`. `http`: an API compatible with Resend. `console`: prints the
   * link, for development. `off`: no mail leaves, for a service without a sender.
   */
  MAIL_TRANSPORT: z.enum(['binding', 'smtp', 'http', 'console', 'off']).default('binding'),
  SMTP_HOST: z.string().max(253).optional(),
  SMTP_PORT: whole(465, 1, 65_535),
  /**
   * `tls`: TLS from the first byte. `starttls`: required, never plain text. `none`: only for a server on the
   * same machine.
   */
  SMTP_SECURITY: z.enum(['tls', 'starttls', 'none']).default('tls'),
  /** Secret: user name at the SMTP server. */
  SMTP_USER: z.string().optional(),
  /** Secret: password at the SMTP server. */
  SMTP_PASSWORD: z.string().optional(),
  MAIL_HTTP_URL: httpUrl.default('https://api.resend.com/emails'),
  /** Secret: the bearer token of the mail API. */
  MAIL_HTTP_TOKEN: z.string().optional(),
  /**
   * Hours between an operator's request to reset second factors and the reset, in which the owner can cancel
   * it. 0: done by the next run of the cron.
   */
  FACTOR_RESET_DELAY_HOURS: whole(24, 0, 168),
  /**
   * Days between the deletion of an account and its purge, in which the owner can restore it. 0: purged in
   * the next run.
   */
  ERASURE_GRACE_DAYS: whole(30, 0, LONGEST_GRACE_DAYS),
  /**
   * How many people whom a restore of the database brought back are erased again without a question. With
   * more, none is, until an operator allows it.
   */
  REOPEN_MAX: whole(1000, 0, 1_000_000),
  /**
   * Days for which archived events stay in the database at least. Events of a person then stay until their
   * period is bundled.
   */
  AUDIT_HOT_DAYS: whole(90, 1, 3650),
  /** Length of the periods by which a person's older events are bundled in the vault, in days. */
  AUDIT_BUNDLE_DAYS: whole(28, 1, 92),
  /**
   * Days for which network address and device of an event stay in the database, whatever `AUDIT_HOT_DAYS`.
   * The key of events without a subject is destroyed so long after the end of their month.
   */
  AUDIT_SYSTEM_DAYS: whole(90, 1, 3650),
  /**
   * The published checkpoint of the audit archive moves once in each such period. The cron publishes it,
   * every five minutes at most.
   */
  LOG_PUBLISH_SECONDS: whole(300, 1, 86_400),
  /**
   * The name of the audit log in its checkpoints, without `https://`. By default the host of `ISSUER` with
   * `/audit`. It is fixed by the first checkpoint.
   */
  AUDIT_LOG_ORIGIN: z
    .string()
    .max(200)
    .regex(/^[\w.:/-]+$/)
    .optional(),
  /** Address of an authority that signs the time of a checkpoint once a day (RFC 3161). By default none. */
  TSA_URL: httpUrl.optional(),
  /**
   * The witnesses that must cosign a checkpoint of the log before it is published, as a policy (C2SP
   * tlog-policy) in which each witness has a URL.
   */
  WITNESSES: witnessPolicySchema.optional(),
  /**
   * Items per run of the cron: keys that it wraps anew, users whose blind indexes it rewrites, objects that
   * it copies to or from the mirror. Each item takes three to five calls to other services. Check the
   * platform's limit of calls per invocation before you raise this.
   */
  KEYS_PER_RUN: whole(100, 10, 1500),
  /** Which requests are logged: all, those that end with a problem, or none. */
  REQUEST_LOG: z.enum(['all', 'problems', 'none']).default('all'),
  /**
   * Whether answers have a `Server-Timing` header with the time spent in each phase. Attackers can read it
   * too, so use it only in staging and development.
   */
  SERVER_TIMING: flag,
  /**
   * `kid`s of revoked signing keys: they are no longer published and no longer accepted, and another key
   * replaces them.
   */
  REVOKED_SIGNING_KEYS: list(/^[1-9]\d{0,8}\.\d{4}-\d{2}(\.[1-9]\d{0,3})?$/),
  /**
   * Versions of root keys that still decrypt stored data, while tokens made with them are no longer accepted.
   * `version@sequence` says up to which segment of the audit archive their signatures count.
   */
  DISTRUSTED_ROOT_KEYS: list(DISTRUST_ENTRY)
    .transform((entries) => entries.map(parseDistrust))
    .refine((entries) => new Set(entries.map(({ version }) => version)).size === entries.length, 'each version once'),
})

/** A shorter period is for demonstrations on this machine. */
const LEAST_PUBLISH_SECONDS = 300

/** Checks settings that depend on one another. @returns the names of those that are missing or wrong */
export function findConflicts(settings: Settings): string[] {
  const { MAIL_TRANSPORT, SMTP_HOST, SMTP_SECURITY, MAIL_HTTP_TOKEN, ISSUER } = settings
  const conflicts: string[] = []
  if (MAIL_TRANSPORT === 'smtp' && SMTP_HOST === undefined) conflicts.push('SMTP_HOST')
  if (MAIL_TRANSPORT === 'smtp' && SMTP_SECURITY === 'none' && !isLoopback(SMTP_HOST ?? ''))
    conflicts.push('SMTP_SECURITY')
  if (MAIL_TRANSPORT === 'http' && MAIL_HTTP_TOKEN === undefined) conflicts.push('MAIL_HTTP_TOKEN')
  // Anyone who reads a printed link can take over the account.
  if (MAIL_TRANSPORT === 'console' && !isLoopback(new URL(ISSUER).hostname)) conflicts.push('MAIL_TRANSPORT')
  // A list from which `admin` was left out by mistake must not release operators from their due date.
  if (settings.TWO_STEP_REQUIRED === 'roles' && !settings.TWO_STEP_ROLES.includes(ADMIN_ROLE))
    conflicts.push('TWO_STEP_ROLES')
  // A second factor is set up after the due date with a mailed code, or with a token that an operator made.
  if (settings.TWO_STEP_REQUIRED === 'everyone' && MAIL_TRANSPORT === 'off') conflicts.push('TWO_STEP_REQUIRED')
  // A published number of events that moves with each event shows whether an address has an account.
  if (settings.LOG_PUBLISH_SECONDS < LEAST_PUBLISH_SECONDS && !isLoopback(new URL(ISSUER).hostname))
    conflicts.push('LOG_PUBLISH_SECONDS')
  if (settings.ACCOUNT_PAGES === 'off' && settings.MAIL_LINK_BASE === undefined && MAIL_TRANSPORT !== 'off')
    conflicts.push('ACCOUNT_PAGES')
  if (readAndroidApps(settings.ANDROID_APPS) === undefined) conflicts.push('ANDROID_APPS')
  if (readAppleAppIds(settings.APPLE_APP_IDS) === undefined) conflicts.push('APPLE_APP_IDS')
  if (readReturnAddresses(settings.RETURN_ADDRESSES) === undefined) conflicts.push('RETURN_ADDRESSES')
  return [...conflicts, ...findForbiddenAddresses(settings)]
}

/** Names of settings that send requests to where this service sends none, so that they could never work. */
function findForbiddenAddresses(settings: Settings): string[] {
  const { ISSUER, MAIL_TRANSPORT, MAIL_HTTP_URL, BREACH_CHECK, BREACH_CHECK_URL } = settings
  const { OAUTH_PROVIDERS, WITNESSES, TSA_URL } = settings
  const issuers = Object.values(OAUTH_PROVIDERS).flatMap((entry) => (entry.kind === 'oidc' ? [entry.issuer] : []))
  const used = {
    OAUTH_PROVIDERS: issuers,
    MAIL_HTTP_URL: MAIL_TRANSPORT === 'http' ? [MAIL_HTTP_URL] : [],
    BREACH_CHECK_URL: BREACH_CHECK ? [BREACH_CHECK_URL] : [],
    WITNESSES: WITNESSES?.witnesses.map(({ url = '' }) => url) ?? [],
    TSA_URL: TSA_URL === undefined ? [] : [TSA_URL],
  }
  return Object.entries(used)
    .filter(([, urls]) => urls.some((url) => parseOutboundUrl(url, ISSUER) === undefined))
    .map(([name]) => name)
}

export type Settings = Readonly<z.infer<typeof settingsSchema>>
