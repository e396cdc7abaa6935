import type { Context } from '../context.ts'
import { log } from '../core/log.ts'
import type { Outbound } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
import { toHex, utf8 } from '../crypto/encoding.ts'

const LIMIT_MS = 1000

/** A padded range has about 1,000 lines of 40 bytes. */
const MAX_BYTES = 256 * 1024
const PREFIX_LENGTH = 5

interface BreachChecking extends Pick<Context, 'outbound'> {
  readonly settings: Pick<Settings, 'BREACH_CHECK' | 'BREACH_CHECK_URL'>
}

/**
 * Checks whether a password is known from a data breach, if the setting is on. Only 5 hexadecimal digits of
 * its SHA-1 leave the Worker, and the answer is padded. So neither the request nor the length of the answer
 * reveals the password (https://haveibeenpwned.com/API/v3#PwnedPasswords, ASVS 6.2.12). If the service is
 * slow, wrong or down, the password counts as not breached, because the bundled list has been checked before.
 * Never throws.
 */
export async function isBreachedPassword({ settings, outbound }: BreachChecking, password: string): Promise<boolean> {
  const { BREACH_CHECK, BREACH_CHECK_URL } = settings
  if (!BREACH_CHECK) return false
  const hash = await sha1(password.normalize('NFC'))
  try {
    const range = await fetchRange(outbound, `${BREACH_CHECK_URL}/${hash.slice(0, PREFIX_LENGTH)}`)
    return isListed(range, hash.slice(PREFIX_LENGTH))
  } catch {
    log('warn', 'breach_check_failed')
    return false
  }
}

async function fetchRange(outbound: Outbound, url: string): Promise<string> {
  const headers = { 'add-padding': 'true' }
  const { status, body } = await outbound({ url, headers, limitMs: LIMIT_MS, maxBytes: MAX_BYTES })
  if (status < 200 || status > 299) throw new RangeError('no range')
  return new TextDecoder().decode(body)
}

/** Each line is `<35 hexadecimal digits>:<count>`. A count of 0 is padding. */
function isListed(range: string, suffix: string): boolean {
  const [, count] = new RegExp(`^${suffix}:(\\d+)\\r?$`, 'im').exec(range) ?? []
  return count !== undefined && Number(count) > 0
}

async function sha1(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', utf8(text)))
  return toHex(digest).toUpperCase()
}
