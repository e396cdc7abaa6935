import { printDevelopmentMail } from '../../core/log.ts'
import type { MailTransport } from '../../core/mail.ts'

const LINK = /https?:\/\/\S+/
/** The facts of a mail are lines of their own. */
const CODE = /(?<=: )\d{8}$/m

/**
 * For local development: prints the subject, the code and the link, and sends nothing. The address is left
 * out, because logs must not contain any.
 */
export const consoleTransport: MailTransport = {
  async send({ subject, text }) {
    printDevelopmentMail(
      subject,
      [CODE, LINK].flatMap((secret) => secret.exec(text)?.[0] ?? []),
    )
  },
}
