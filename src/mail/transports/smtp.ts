import type { MailTransport } from '../../core/mail.ts'
import type { Settings } from '../../core/settings.ts'
import { type MailSender, mailHeaders, messageIdOf } from './mail-headers.ts'
import { nameSmtpError } from './smtp-error.ts'

const LIMIT_MS = 20_000

/**
 * Sends by any SMTP server, with nodemailer. Each mail has its own connection, because a connection cannot be
 * reused by another invocation of the Worker.
 */
export const createSmtpTransport = (settings: Settings, sender: MailSender): MailTransport => ({
  async send({ to, subject, text, html, idempotencyKey }) {
    // Loaded only when needed: most deployments use another transport, and loading it would slow down every
    // start.
    const { createMailer } = await import('./smtp-mailer.ts')
    const mail = {
      from: { name: sender.name, address: sender.address },
      to: { name: '', address: to },
      subject,
      text,
      html,
      messageId: messageIdOf(sender, idempotencyKey),
      headers: mailHeaders(idempotencyKey),
    }
    await createMailer(connectionOptions(settings))
      .sendMail(mail)
      .catch((error: unknown) => {
        throw nameSmtpError(error)
      })
  },
})

function connectionOptions({ SMTP_HOST, SMTP_PORT, SMTP_SECURITY, SMTP_USER, SMTP_PASSWORD }: Settings) {
  return {
    host: SMTP_HOST ?? '',
    port: SMTP_PORT,
    secure: SMTP_SECURITY === 'tls',
    // Without this, mail and password would be sent unencrypted to a server that does not offer STARTTLS.
    requireTLS: SMTP_SECURITY === 'starttls',
    ignoreTLS: SMTP_SECURITY === 'none',
    ...(SMTP_USER !== undefined && { auth: { user: SMTP_USER, pass: SMTP_PASSWORD ?? '' } }),
    connectionTimeout: LIMIT_MS,
    greetingTimeout: LIMIT_MS,
    socketTimeout: LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
