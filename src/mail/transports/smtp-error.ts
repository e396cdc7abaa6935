import * as z from 'zod'
import { MailRefusedError } from '../../core/mail.ts'

/**
 * How nodemailer tells what a server answered, and to which command. Its message holds the server's words.
 */
const answerSchema = z.object({ responseCode: z.int().min(400).max(599), command: z.string() })

/** A server did not take the mail, for now. */
class SmtpError extends Error {
  constructor(code: number) {
    super('the SMTP server refused')
    this.name = `SmtpError${code}`
  }
}

/** Commands that are about one mail (RFC 5321 section 3.3); the others are about the connection. */
const OF_THE_MAIL = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])

/**
 * To whichever command, these say that the sign-in at the server is wrong or missing (RFC 4954 section 6).
 */
const OF_THE_SIGN_IN = new Set([530, 534, 535, 538])

/**
 * Names what an SMTP server answered by its code alone. From 500 on, an answer about the mail is final (RFC
 * 5321 section 4.2.1); one about the connection is not, since a wrong setting must not lose the mails that
 * wait for it.
 */
export function nameSmtpError(error: unknown): unknown {
  const answer = answerSchema.safeParse(error).data
  if (answer === undefined) return error
  const { responseCode: code, command } = answer
  const isFinal = code >= 500 && OF_THE_MAIL.has(command) && !OF_THE_SIGN_IN.has(code)
  return isFinal ? new MailRefusedError(`SmtpError${code}`) : new SmtpError(code)
}
