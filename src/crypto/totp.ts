import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { Secret, TOTP } from 'otpauth/bare'

/**
 * The parameters of every code: the only ones that all authenticator applications support. SHA-1 is safe
 * here, because HMAC does not depend on its resistance to collisions (RFC 6238 section 1.2, RFC 4226 appendix
 * B.2).
 */
export const totpParameters = { algorithm: 'SHA1', digits: 6, periodSeconds: 30 } as const

/** The length of RFC 4226 section 4, requirement R6. */
const SECRET_BYTES = 20

/**
 * Creates the secret of an authenticator application.
 * @returns 160 random bits, base32 (RFC 4648), 32 characters
 */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/**
 * Finds the time step whose code was typed. A caller must accept each step once, and none before the last
 * accepted one (RFC 6238 section 5.2).
 * @param secret base32
 * @param typed.code six ASCII digits
 * @param typed.driftSteps how many steps before and after the present one are compared, for clocks that
 * differ
 * @returns the number of periods of 30 seconds since 1970; undefined for a wrong code
 */
export function findTotpStep(
  secret: string,
  { code, now, driftSteps }: { readonly code: string; readonly now: number; readonly driftSteps: number },
): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: driftSteps })
  return delta === null ? undefined : totpStep(now) + delta
}

/** The time step at a time: the number of periods of 30 seconds since 1970. */
export const totpStep = (now: number): number => TOTP.counter({ timestamp: now })

/** The code of a secret at a time, as an authenticator application shows it. */
export const totpCode = (secret: string, now: number): string => totpOf(secret).generate({ timestamp: now })

interface TotpLabel {
  /** The product, which the application shows above the account. */
  readonly issuer: string
  /** The account, for example its address. */
  readonly account: string
}

/**
 * Writes the `otpauth://totp/` address of a secret, which authenticator applications read from a QR code (Key
 * Uri Format of Google Authenticator).
 */
export const totpUri = (secret: string, { issuer, account }: TotpLabel): string =>
  totpOf(secret, { issuer, label: account }).toString()

const totpOf = (secret: string, label: { readonly issuer?: string; readonly label?: string } = {}) =>
  new TOTP({
    ...label,
    secret: Secret.fromBase32(secret),
    algorithm: totpParameters.algorithm,
    digits: totpParameters.digits,
    period: totpParameters.periodSeconds,
    hmac: (_algorithm, key, message) => hmac(sha1, key, message),
  })
