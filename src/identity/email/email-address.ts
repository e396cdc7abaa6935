import * as z from 'zod'

/**
 * One e-mail address. Mail goes to `display`. `canonical` decides whether two spellings belong to one
 * account.
 */
export interface EmailAddress {
  readonly display: string
  /** The local part in lower case, and the domain in lower-case ASCII (IDNA). */
  readonly canonical: string
  readonly domain: string
}

const MAX_BYTES = 254
const MAX_LOCAL_BYTES = 64

/**
 * RFC 5321 dot-string, ASCII only. Look-alike letters would allow two accounts whose addresses look the same.
 */
const LOCAL_PART = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const ASCII_DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=.*[a-z])[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/

/** Characters of a domain before IDNA is applied: letters, digits, marks, hyphens and dots. */
const DOMAIN_TEXT = /^[\p{L}\p{N}\p{M}.-]+$/u

/**
 * Canonicalises an address and then validates it (ASVS 1.1.1). Undefined if the text is not exactly one
 * address.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const [local = '', domainText = '', ...rest] = text.trim().split('@')
  const domain = asciiDomain(domainText)
  if (rest.length > 0 || domain === undefined || !LOCAL_PART.test(local)) return undefined
  const display = `${local}@${domain}`
  if (local.length > MAX_LOCAL_BYTES || display.length > MAX_BYTES) return undefined
  return { display, canonical: display.toLowerCase(), domain }
}

/** Body member: an e-mail address, parsed into an `EmailAddress`. */
export const emailAddressSchema = z
  .string()
  .max(1024)
  .transform((text, issues): EmailAddress => {
    const address = parseEmailAddress(text)
    if (address === undefined) issues.addIssue('must be one e-mail address')
    return address ?? { display: '', canonical: '', domain: '' }
  })

/** Query member: the domain of an e-mail address, canonicalised as in an address. */
export const emailDomainSchema = z
  .string()
  .max(253)
  .transform((text, issues): string => {
    const domain = asciiDomain(text.trim())
    if (domain === undefined) issues.addIssue('must be the domain of an e-mail address')
    return domain ?? ''
  })

function asciiDomain(text: string): string | undefined {
  const normalized = text.normalize('NFKC')
  if (!DOMAIN_TEXT.test(normalized)) return undefined
  try {
    // The URL parser applies UTS 46 (IDNA) to host names.
    const { hostname } = new URL(`http://${normalized}/`)
    return ASCII_DOMAIN.test(hostname) ? hostname : undefined
  } catch {
    return undefined
  }
}
