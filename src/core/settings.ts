import { z } from 'zod'

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')

const origin = z.url({ protocol: /^https?$/ }).refine((value) => {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return url.origin === value && (url.protocol === 'https:' || isLoopback(url.hostname))
}, 'an origin such as https://id.example.com, without path or trailing slash; http only for localhost')

/** Every setting that is no secret, with its default and its bounds. Values arrive as strings from the environment. */
export const settingsSchema = z.object({
  /** Public origin of this service: `iss` of its tokens and base of the links it writes. */
  ISSUER: origin,
  /** `aud` of its access tokens. */
  AUDIENCE: z.string().min(1).max(200),
  /** Code points. 8 is the floor of ASVS 6.2.1; NIST SP 800-63B-4 asks 15 where a password stands alone. */
  PASSWORD_MIN_LENGTH: whole(8, 8, 64),
  /** Argon2id memory in KiB; the floor is the lowest of OWASP's equivalent settings with t = 2. */
  ARGON2_MEMORY_KIB: whole(19_456, 19_456, 65_536),
  ARGON2_ITERATIONS: whole(2, 2, 10),
  /** Absolute and idle life of a session. */
  SESSION_DAYS: whole(30, 1, 365),
  SESSION_IDLE_DAYS: whole(7, 1, 365),
  ACCESS_TOKEN_MINUTES: whole(15, 1, 60),
  /** Failed sign-ins to one account within the window before even the right password is refused. */
  SIGN_IN_MAX_FAILURES: whole(10, 3, 100),
  SIGN_IN_WINDOW_MINUTES: whole(15, 1, 1440),
  /** Refuse sign-in until the address is verified. */
  REQUIRE_VERIFIED_EMAIL: flag,
  /** Days between a deletion and its purge, in which the owner can come back; 0 means the next run. */
  ERASURE_GRACE_DAYS: whole(30, 0, 365),
  /** How long archived events stay in the database, for `GET /users/me/activity`. */
  AUDIT_HOT_DAYS: whole(90, 1, 3650),
  /** How long the device details of events without a subject stay readable, counted from the end of their month. */
  AUDIT_SYSTEM_DAYS: whole(90, 1, 3650),
})

export type Settings = Readonly<z.infer<typeof settingsSchema>>

/** @param hostname as `URL` gives it: IPv6 in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}
