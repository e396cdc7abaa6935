import type { MailTransport } from '../../core/mail.ts'
import type { Settings } from '../../core/settings.ts'
import { type MailSender, mailHeaders, messageIdOf } from './mail-headers.ts'
import { nameSmtpError } from './smtp-error.ts'

const LIMIT_MS = 20_000

/**
 * Any SMTP server, through nodemailer. One connection a mail: nothing of a connection may outlive its
 * invocation.
 */
export const createSmtpTransport = (settings: Settings, sender: MailSender): MailTransport => ({
  async send({ to, subject, text, html, idempotencyKey }) {
    // Loaded when it is needed: most deployments have another transport, and every start would pay for it.
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
    // Without it a server that hides STARTTLS would get mail and password in the clear.
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
