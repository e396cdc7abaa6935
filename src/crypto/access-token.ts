import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod'
import { acrOf } from '../core/assurance.ts'
import { sessionIdSchema, userIdSchema } from '../core/ids.ts'
import type { Principal } from '../core/principal.ts'
import { fromBase64url } from './encoding.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface TokenAuthority {
  readonly keys: SigningKeys
  readonly issuer: string
  readonly audience: string
  /**
   * Tokens whose signature and claims this isolate has checked, keyed by the text of the token. The caller
   * limits its size.
   */
  readonly checked: CheckedTokens
}

export interface CheckedTokens {
  get(token: string): CheckedToken | undefined
  set(token: string, checked: CheckedToken): void
}

/**
 * The parts of a token with a valid signature that later requests need: its claims, its key and its times.
 */
interface CheckedToken {
  readonly principal: Principal
  readonly kid: string
  /** Unix seconds. */
  readonly issuedAt: number
  readonly expiresAt: number
}

const CLOCK_SKEW_SECONDS = 60

const payloadSchema = z.object({
  sub: userIdSchema,
  sid: sessionIdSchema,
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  auth_time: z.number(),
  amr: z.array(z.string()),
  roles: z.array(z.string()),
})

/**
 * Signs an access token (RFC 9068, `typ: at+jwt`, ES256) that is valid for `ttlSeconds`. Its `acr` is for
 * resource servers. This service computes the level from `amr`, so tokens of version 0.2.0, which have no
 * `acr`, are accepted.
 */
export async function signAccessToken(
  { keys, issuer, audience }: TokenAuthority,
  claims: Principal,
  nowMs: number,
  ttlSeconds: number,
): Promise<string> {
  const { privateKey, kid } = await keys.current(nowMs)
  const now = Math.floor(nowMs / 1000)
  return new SignJWT({
    sid: claims.sessionId,
    amr: [...claims.amr],
    acr: acrOf(claims.amr),
    auth_time: Math.floor(claims.authTimeMs / 1000),
    roles: [...claims.roles],
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(claims.userId)
    .setJti(crypto.randomUUID())
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(privateKey)
}

/**
 * Returns the claims of a valid access token, or undefined. The algorithm is fixed, the key is looked up by
 * `kid` in a fixed set (a `jku`, `x5u` or `jwk` in the header is ignored), and every claim is required (RFC
 * 8725, RFC 9068 section 4). It does not check whether the session has ended. A client sends the same token
 * many times: each isolate checks its signature once, but its times and whether its key is still accepted on
 * every request.
 */
export async function verifyAccessToken(
  authority: TokenAuthority,
  token: string,
  nowMs: number,
): Promise<Principal | undefined> {
  const known = authority.checked.get(token)
  const checked = known ?? (await checkToken(authority, token, nowMs))
  if (checked === undefined || !isTimely(checked, nowMs / 1000)) return undefined
  if ((await authority.keys.find(checked.kid, nowMs)) === undefined) return undefined
  if (known === undefined) authority.checked.set(token, checked)
  return checked.principal
}

const isTimely = ({ issuedAt, expiresAt }: CheckedToken, now: number): boolean =>
  issuedAt <= now + CLOCK_SKEW_SECONDS && now < expiresAt + CLOCK_SKEW_SECONDS

async function checkToken(
  { keys, issuer, audience }: TokenAuthority,
  token: string,
  nowMs: number,
): Promise<CheckedToken | undefined> {
  if (!isCanonical(token)) return undefined
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = kid === undefined ? undefined : await keys.find(kid, nowMs)
        if (key === undefined) throw new errors.JWKSNoMatchingKey()
        return key
      },
      {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer,
        audience,
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(nowMs),
        requiredClaims: ['iss', 'aud', 'sub', 'sid', 'exp', 'iat', 'jti', 'auth_time', 'amr', 'roles'],
      },
    )
    const claims = payloadSchema.safeParse(payload)
    const { kid } = protectedHeader
    if (!claims.success || kid === undefined) return undefined
    const { sub, sid, amr, roles, auth_time, iat, exp } = claims.data
    const principal = { userId: sub, sessionId: sid, amr, roles, authTimeMs: auth_time * 1000 }
    return { principal, kid, issuedAt: iat, expiresAt: exp }
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/**
 * Whether a token is canonical base64url. The decoder that jose uses ignores spaces and the spare bits of the
 * last character, so many texts would decode to the same token.
 */
const isCanonical = (token: string): boolean => token.split('.').every((part) => fromBase64url(part) !== undefined)
