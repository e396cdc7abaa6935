import type { MailTransport } from '../../core/mail.ts'
import type { Outbound } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import { createBindingTransport } from './binding.ts'
import { consoleTransport } from './console.ts'
import { createHttpTransport } from './http.ts'
import { type MailSender, parseSender } from './mail-headers.ts'
import { noTransport } from './no-transport.ts'
import { createSmtpTransport } from './smtp.ts'

/** Creates the transport that `MAIL_TRANSPORT` names. To add a transport, add a file and a case here. */
export function createMailTransport(
  settings: Settings,
  binding: Parameters<typeof createBindingTransport>[0],
  outbound: Outbound,
): MailTransport {
  const sender = senderOf(settings)
  switch (settings.MAIL_TRANSPORT) {
    case 'binding':
      return createBindingTransport(binding, sender)
    case 'smtp':
      return createSmtpTransport(settings, sender)
    case 'http':
      return createHttpTransport(
        { url: settings.MAIL_HTTP_URL, token: settings.MAIL_HTTP_TOKEN ?? '', outbound },
        sender,
      )
    case 'console':
      return consoleTransport
    case 'off':
      return noTransport
  }
}

function senderOf({ MAIL_FROM, PRODUCT_NAME, ISSUER }: Settings): MailSender {
  if (MAIL_FROM !== undefined) return parseSender(MAIL_FROM)
  return { name: PRODUCT_NAME, address: `no-reply@${new URL(ISSUER).hostname}` }
}
