/** The sender of all mails. */
export interface MailSender {
  readonly name: string
  readonly address: string
}

/** Parses `MAIL_FROM`: an address, with or without a name before it. */
export function parseSender(text: string): MailSender {
  const [, name, address] = /^([^<]+) <([^>]+)>$/.exec(text) ?? []
  return { name: name ?? '', address: address ?? text }
}

/** Characters that need quotes in a display name (RFC 5322 section 3.2.3). */
const SPECIALS = /[()<>[\]:;@\\,."]/

/**
 * Formats the sender as one text, for transports that take it so. The name is quoted if needed, because a
 * comma would otherwise make two senders of it.
 */
export function formatSender({ name, address }: MailSender): string {
  if (name === '') return address
  const phrase = SPECIALS.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name
  return `${phrase} <${address}>`
}

/**
 * Headers that prevent automatic replies and mail loops (RFC 3834), and a reference that is the same in every
 * attempt.
 */
export const mailHeaders = (idempotencyKey: string): Record<string, string> => ({
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
  'X-Entity-Ref-ID': idempotencyKey,
})

/**
 * A Message-ID that is the same in every attempt, so that a receiver can drop copies. For transports that
 * allow it; Cloudflare's binding does not.
 * @returns the id with its angle brackets (RFC 5322 section 3.6.4)
 */
export const messageIdOf = ({ address }: MailSender, idempotencyKey: string): string =>
  `<${idempotencyKey}@${address.slice(address.lastIndexOf('@') + 1)}>`
