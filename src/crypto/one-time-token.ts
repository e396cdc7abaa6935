import * as z from 'zod'
import { type TokenPurpose, writeOneTimeToken } from '../core/token-text.ts'
import { fromBase64url, toBase64url, utf8 } from './encoding.ts'
import type { KeyRing } from './key-ring.ts'

const PATTERN = /^lk_([a-z]+)_([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/

/** The id of a mail that signs in is UUID v7, and has no row. */
const idSchemaOf = (purpose: TokenPurpose) => (purpose === 'signin' ? z.uuidv7() : z.uuidv4())

/**
 * Creates a one-time token, `lk_<purpose>_<id>.<HMAC-SHA-256>`. The database stores only the id, so a stolen
 * database yields no token.
 */
export async function mintOneTimeToken(ring: KeyRing, purpose: TokenPurpose, id: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', ring.newest.token, macInput(purpose, id))
  return writeOneTimeToken(purpose, id, toBase64url(new Uint8Array(mac)))
}

/** Returns the id of a token of this purpose, or undefined for any text that this service did not create. */
export async function readOneTimeToken(
  ring: KeyRing,
  purpose: TokenPurpose,
  token: string,
): Promise<string | undefined> {
  const [, tokenPurpose, id, macText] = PATTERN.exec(token) ?? []
  const mac = fromBase64url(macText ?? '')
  if (tokenPurpose !== purpose || id === undefined || mac === undefined || !idSchemaOf(purpose).safeParse(id).success)
    return undefined
  const input = macInput(purpose, id)
  for (const { token: key } of ring.trusted) {
    if (await crypto.subtle.verify('HMAC', key, mac, input)) return id
  }
  return undefined
}

const macInput = (purpose: TokenPurpose, id: string) => utf8(`one-time|${purpose}|${id}`)
