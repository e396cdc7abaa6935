import { printDevelopmentMail } from '../../core/log.ts'
import type { MailTransport } from '../../core/mail.ts'

const LINK = /https?:\/\/\S+/

/**
 * For local development: prints the subject and the link, and sends nothing. The address is left out, because
 * logs must not contain any.
 */
export const consoleTransport: MailTransport = {
  async send({ subject, text }) {
    printDevelopmentMail(subject, LINK.exec(text)?.[0])
  },
}
