import type { MailTransport } from '../../core/mail.ts'
import type { Outbound } from '../../core/ports.ts'
import { formatSender, type MailSender, mailHeaders } from './mail-headers.ts'

const LIMIT_MS = 10_000

interface MailApi {
  readonly url: string
  readonly token: string
  readonly outbound: Outbound
}

/** The API rejected the mail. */
class MailApiError extends Error {
  constructor(status: number) {
    super(`the mail API answered ${status}`)
    this.name = `MailApiError${status}`
  }
}

/**
 * Sends by a JSON API that is compatible with Resend
 * (https://resend.com/docs/api-reference/emails/send-email). The API drops repeated idempotency keys.
 */
export const createHttpTransport = ({ url, token, outbound }: MailApi, sender: MailSender): MailTransport => ({
  async send({ to, subject, text, html, idempotencyKey }) {
    const { status } = await outbound({
      url,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({
        from: formatSender(sender),
        to: [to],
        subject,
        text,
        html,
        headers: mailHeaders(idempotencyKey),
      }),
      limitMs: LIMIT_MS,
    })
    if (status < 200 || status > 299) throw new MailApiError(status)
  },
})
