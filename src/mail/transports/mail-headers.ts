/** Who mails come from. */
export interface MailSender {
  readonly name: string
  readonly address: string
}

/** Reads `MAIL_FROM`: an address, with or without a name before it. */
export function parseSender(text: string): MailSender {
  const [, name, address] = /^([^<]+) <([^>]+)>$/.exec(text) ?? []
  return { name: name ?? '', address: address ?? text }
}

/** What makes a display name more than words (RFC 5322 section 3.2.3). */
const SPECIALS = /[()<>[\]:;@\\,."]/

/**
 * A sender as one text, where a transport takes no two: quoted where a comma would make two senders of it.
 */
export function formatSender({ name, address }: MailSender): string {
  if (name === '') return address
  const phrase = SPECIALS.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name
  return `${phrase} <${address}>`
}

/** No vacation reply, no loop (RFC 3834); and the same reference in every attempt. */
export const mailHeaders = (idempotencyKey: string): Record<string, string> => ({
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
  'X-Entity-Ref-ID': idempotencyKey,
})

/**
 * The same in every attempt, so that a receiver can drop a copy. For transports that let it be set;
 * Cloudflare's refuses.
 * @returns with its angle brackets (RFC 5322 section 3.6.4)
 */
export const messageIdOf = ({ address }: MailSender, idempotencyKey: string): string =>
  `<${idempotencyKey}@${address.slice(address.lastIndexOf('@') + 1)}>`
