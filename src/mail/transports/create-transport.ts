import type { MailTransport } from '../../core/mail.ts'
import type { Settings } from '../../core/settings.ts'
import { createBindingTransport } from './binding.ts'
import { consoleTransport } from './console.ts'
import { createHttpTransport } from './http.ts'
import { parseSender } from './mail-headers.ts'
import { createSmtpTransport } from './smtp.ts'

/** The transport that `MAIL_TRANSPORT` names. Another one is another file and a line here. */
export function createMailTransport(
  settings: Settings,
  binding: Parameters<typeof createBindingTransport>[0],
): MailTransport {
  const sender = parseSender(settings.MAIL_FROM)
  switch (settings.MAIL_TRANSPORT) {
    case 'binding':
      return createBindingTransport(binding, sender)
    case 'smtp':
      return createSmtpTransport(settings, sender)
    case 'http':
      return createHttpTransport({ url: settings.MAIL_HTTP_URL, token: settings.MAIL_HTTP_TOKEN ?? '' }, sender)
    case 'console':
      return consoleTransport
  }
}
