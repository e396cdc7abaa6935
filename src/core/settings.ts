import * as z from 'zod'
import { LONGEST_GRACE_DAYS } from './lifetimes.ts'
import { profileFieldsSchema, providersSchema, redirectUrisSchema } from './oauth-settings.ts'
import { isLoopback, isSecure } from './web-address.ts'

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')

/** Comma-separated; spaces around an entry do not count. */
const list = (pattern: RegExp) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
    .pipe(z.array(z.string().regex(pattern)))

const origin = z.url({ protocol: /^https?$/ }).refine((value) => {
  if (!URL.canParse(value)) return false
  return new URL(value).origin === value && isSecure(value)
}, 'an origin such as https://id.example.com, without path or trailing slash; http only for localhost')

const httpUrl = z.url({ protocol: /^https?$/ }).refine(isSecure, 'https; http only for localhost')

/** Base of links: no query, no fragment, no trailing slash. */
const linkBase = httpUrl.refine((value) => !/[?#]|\/$/.test(value))

/** An exact list of origins, separated by commas or white space; empty for none. */
const origins = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(origin).max(50))

/** One address, with or without a name before it: `Example <no-reply@example.com>`. */
const sender = z.string().regex(/^(?:[^<>"\r\n]{1,100} <[^\s<>"@]+@[^\s<>"@]+>|[^\s<>"@]+@[^\s<>"@]+)$/)

/**
 * Every setting that is no secret, with its default and its bounds. Values arrive as strings from the
 * environment.
 */
export const settingsSchema = z.object({
  /** Public origin of this service: `iss` of its tokens and base of the links it writes. */
  ISSUER: origin,
  /** `aud` of its access tokens. */
  AUDIENCE: z.string().min(1).max(200),
  /** Code points. 8 is the floor of ASVS 6.2.1; NIST SP 800-63B-4 asks 15 where a password stands alone. */
  PASSWORD_MIN_LENGTH: whole(8, 8, 64),
  /**
   * Ask a service which passwords are known from breaches; 5 hexadecimal digits of a SHA-1 leave the Worker.
   */
  BREACH_CHECK: flag,
  /** Base of its ranges, after the fashion of Have I Been Pwned. */
  BREACH_CHECK_URL: linkBase
    .refine((value) => value.startsWith('https:'), 'https')
    .default('https://api.pwnedpasswords.com/range'),
  /** Argon2id memory in KiB; the floor is the lowest of OWASP's equivalent settings with t = 2. */
  ARGON2_MEMORY_KIB: whole(19_456, 19_456, 65_536),
  ARGON2_ITERATIONS: whole(2, 2, 10),
  /**
   * Requests of one isolate that hash a password or wait to; more get 503 at once. A hash takes some 20 ms,
   * so the last of 64 waits for two seconds, what goes on beside it included.
   */
  HASH_LINE_LENGTH: whole(64, 1, 1000),
  /** Absolute and idle life of a session. */
  SESSION_DAYS: whole(30, 1, 365),
  SESSION_IDLE_DAYS: whole(7, 1, 365),
  ACCESS_TOKEN_MINUTES: whole(15, 1, 60),
  /** Failed sign-ins to one account within the window before even the right password is refused. */
  SIGN_IN_MAX_FAILURES: whole(10, 3, 100),
  SIGN_IN_WINDOW_MINUTES: whole(15, 1, 1440),
  /**
   * Multiplies every quota of core/rate-limit-policies.ts; for deployments where many people share an
   * address.
   */
  LIMIT_FACTOR: whole(1, 1, 1000),
  /** Refuse sign-in until the address is verified. */
  REQUIRE_VERIFIED_EMAIL: flag,
  /**
   * `private`: registering a known address answers like an unknown one, its owner is mailed, and nobody signs
   * in before the address is verified: an attempt is answered like a wrong password (E3).
   */
  REGISTRATION_MODE: z.enum(['public', 'private']).default('public'),
  /** Origins of browser applications that may call with a bearer token (CORS). */
  CORS_ORIGINS: origins,
  /** Origins of browser applications that may also sign in with the cookie: CORS with credentials. */
  COOKIE_ORIGINS: origins,
  /**
   * `None` lets an application on another site use the cookie; browsers may still refuse third-party cookies.
   */
  COOKIE_SAME_SITE: z.enum(['Lax', 'None']).default('Lax'),
  /** Providers of social sign-in, by the name they have in paths. Each needs `OAUTH_<NAME>_CLIENT_SECRET`. */
  OAUTH_PROVIDERS: providersSchema,
  /** Where applications may be sent back to after social sign-in. */
  OAUTH_REDIRECT_URIS: redirectUrisSchema,
  /** What of `full_name` and `avatar_url` a sign-up takes over from the provider. */
  OAUTH_PROFILE_FIELDS: profileFieldsSchema,
  /** How mails and pages call the service. */
  PRODUCT_NAME: z
    .string()
    .regex(/^[^\p{C}]{1,60}$/u)
    .default('Latchkey'),
  /** Where the links in mails lead to, without the page's name; the service's own pages by default. */
  MAIL_LINK_BASE: linkBase.optional(),
  /** `no-reply` at the host of `ISSUER` by default. */
  MAIL_FROM: sender.optional(),
  /**
   * `binding`: Cloudflare's send_email; `smtp`; `http`: an API of Resend's kind; `console`: prints the link,
   * for development.
   */
  MAIL_TRANSPORT: z.enum(['binding', 'smtp', 'http', 'console']).default('binding'),
  SMTP_HOST: z.string().max(253).optional(),
  SMTP_PORT: whole(465, 1, 65_535),
  /**
   * `tls` from the first byte, `starttls` or nothing, or `none`, which is for a server on this very machine.
   */
  SMTP_SECURITY: z.enum(['tls', 'starttls', 'none']).default('tls'),
  /** Secret. */
  SMTP_USER: z.string().optional(),
  /** Secret. */
  SMTP_PASSWORD: z.string().optional(),
  MAIL_HTTP_URL: httpUrl.default('https://api.resend.com/emails'),
  /** Secret: the bearer token of the mail API. */
  MAIL_HTTP_TOKEN: z.string().optional(),
  /** Days between a deletion and its purge, in which the owner can come back; 0 means the next run. */
  ERASURE_GRACE_DAYS: whole(30, 0, LONGEST_GRACE_DAYS),
  /** How long archived events stay in the database, for `GET /users/me/activity`. */
  AUDIT_HOT_DAYS: whole(90, 1, 3650),
  /**
   * How long the device details of events without a subject stay readable, counted from the end of their
   * month.
   */
  AUDIT_SYSTEM_DAYS: whole(90, 1, 3650),
  /**
   * Keys that one run of the cron wraps anew, people whose indexes it writes, objects that it copies to or
   * from the mirror. Each is three to five calls to other services: see what an invocation may make before
   * raising it.
   */
  KEYS_PER_RUN: whole(100, 10, 1500),
  /** A line for every request, for those that end with a problem, or for none. */
  REQUEST_LOG: z.enum(['all', 'problems', 'none']).default('all'),
  /**
   * Tell every client by `Server-Timing` where the time went. That tells strangers too: for staging and
   * laptops.
   */
  SERVER_TIMING: flag,
  /**
   * `kid`s of access token keys that are no longer published, no longer accepted, and replaced by another.
   */
  REVOKED_SIGNING_KEYS: list(/^[1-9]\d{0,8}\.\d{4}-\d{2}(\.[1-9]\d{0,3})?$/),
  /**
   * Root key versions that go on reading what is stored, while no token made with them is accepted any more.
   */
  DISTRUSTED_ROOT_KEYS: list(/^[1-9]\d{0,8}$/),
})

/** What one setting asks of another: names of those that are missing or wrong. */
export function findConflicts(settings: Settings): string[] {
  const { MAIL_TRANSPORT, SMTP_HOST, SMTP_SECURITY, MAIL_HTTP_TOKEN, ISSUER } = settings
  const conflicts: string[] = []
  if (MAIL_TRANSPORT === 'smtp' && SMTP_HOST === undefined) conflicts.push('SMTP_HOST')
  if (MAIL_TRANSPORT === 'smtp' && SMTP_SECURITY === 'none' && !isLoopback(SMTP_HOST ?? ''))
    conflicts.push('SMTP_SECURITY')
  if (MAIL_TRANSPORT === 'http' && MAIL_HTTP_TOKEN === undefined) conflicts.push('MAIL_HTTP_TOKEN')
  // A printed link is a key to an account.
  if (MAIL_TRANSPORT === 'console' && !isLoopback(new URL(ISSUER).hostname)) conflicts.push('MAIL_TRANSPORT')
  return conflicts
}

export type Settings = Readonly<z.infer<typeof settingsSchema>>
