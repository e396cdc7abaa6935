import type { MailTransport } from '../../core/mail.ts'
import { type MailSender, mailHeaders } from './mail-headers.ts'

/** The part of Cloudflare's `send_email` binding that is used. */
interface EmailBinding {
  send(message: {
    from: { name: string; email: string }
    to: string
    subject: string
    text: string
    html: string
    headers: Record<string, string>
  }): Promise<unknown>
}

/**
 * Sends by Cloudflare's `send_email` binding. In local development, the binding writes each mail to files and
 * prints their paths.
 */
export const createBindingTransport = (binding: EmailBinding, sender: MailSender): MailTransport => ({
  async send({ to, subject, text, html, idempotencyKey }) {
    const from = { name: sender.name, email: sender.address }
    await binding.send({ from, to, subject, text, html, headers: mailHeaders(idempotencyKey) })
  },
})
