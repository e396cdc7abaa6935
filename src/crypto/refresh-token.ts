import { sessionIdSchema } from '../core/ids.ts'
import { type RefreshTokenClaims, writeRefreshToken } from '../core/token-text.ts'
import { fromBase64url, toBase64url, utf8 } from './encoding.ts'
import type { KeyRing } from './key-ring.ts'

const PATTERN = /^lk_rt_([0-9a-f-]{36})\.(0|[1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})$/

/**
 * Creates a refresh token, `lk_rt_<sessionId>.<generation>.<HMAC-SHA-256>`. It is not stored, so a stolen
 * database yields no token. The same claims always give the same token, so that two concurrent refreshes both
 * get the same successor.
 */
export async function mintRefreshToken(ring: KeyRing, claims: RefreshTokenClaims): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', ring.newest.token, macInput(claims))
  return writeRefreshToken(claims, toBase64url(new Uint8Array(mac)))
}

/**
 * Returns the claims of a refresh token, or undefined for any text that this service did not create. Reads no
 * store.
 */
export async function readRefreshToken(ring: KeyRing, token: string): Promise<RefreshTokenClaims | undefined> {
  const [, id, generationText, macText] = PATTERN.exec(token) ?? []
  const sessionId = sessionIdSchema.safeParse(id)
  const mac = fromBase64url(macText ?? '')
  if (!sessionId.success || mac === undefined) return undefined
  const claims = { sessionId: sessionId.data, generation: Number(generationText) }
  const input = macInput(claims)
  for (const { token: key } of ring.trusted) {
    if (await crypto.subtle.verify('HMAC', key, mac, input)) return claims
  }
  return undefined
}

const macInput = ({ sessionId, generation }: RefreshTokenClaims) => utf8(`refresh|${sessionId}|${generation}`)
