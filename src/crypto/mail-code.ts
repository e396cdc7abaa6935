import { utf8 } from './encoding.ts'
import type { KeyRing } from './key-ring.ts'

const CODES = 100_000_000n
const DIGITS = 8

/**
 * Computes the code of eight digits that a mail shows. It depends on the id alone, so it is stored nowhere,
 * and the consumer of the mail queue computes the same code as the request that checks it.
 * @param id of the ticket to which the code belongs
 */
export const mailCodeOf = (ring: Pick<KeyRing, 'newest'>, id: string): Promise<string> =>
  codeUnder(ring.newest.token, id)

/**
 * Compares a code with that of an id. A mail that was sent before a rotation of the root key has a code of
 * the key before, so every trusted key counts. The caller counts the attempt before: eight digits can be
 * guessed.
 */
export async function isMailCode(ring: Pick<KeyRing, 'trusted'>, id: string, code: string): Promise<boolean> {
  const codes = await Promise.all(ring.trusted.map(({ token }) => codeUnder(token, id)))
  return codes.includes(code)
}

async function codeUnder(key: CryptoKey, id: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', key, utf8(`mail-code|${id}`))
  // 64 bits make the remainder uneven by one part in 10^11, which no number of guesses can use.
  return String(new DataView(mac).getBigUint64(0) % CODES).padStart(DIGITS, '0')
}
