import * as z from 'zod'
import { MailRefusedError } from '../../core/mail.ts'

/**
 * The members of a nodemailer error with the server's answer and the command. Its `message` contains the
 * server's text, which must not be logged.
 */
const answerSchema = z.object({ responseCode: z.int().min(400).max(599), command: z.string() })

/** The server did not accept the mail; a later attempt may succeed. */
class SmtpError extends Error {
  constructor(code: number) {
    super('the SMTP server refused')
    this.name = `SmtpError${code}`
  }
}

/** Commands that concern one mail (RFC 5321 section 3.3). All others concern the connection. */
const OF_THE_MAIL = new Set(['MAIL FROM', 'RCPT TO', 'DATA'])

/**
 * As an answer to any command, these codes mean that the authentication at the server is wrong or missing
 * (RFC 4954 section 6).
 */
const OF_THE_SIGN_IN = new Set([530, 534, 535, 538])

/**
 * Turns an SMTP server's answer into an error that contains only its code. A code of 500 or more is final if
 * it concerns the mail (RFC 5321 section 4.2.1). If it concerns the connection, it is not: a wrong setting
 * must not lose the waiting mails.
 */
export function nameSmtpError(error: unknown): unknown {
  const answer = answerSchema.safeParse(error).data
  if (answer === undefined) return error
  const { responseCode: code, command } = answer
  const isFinal = code >= 500 && OF_THE_MAIL.has(command) && !OF_THE_SIGN_IN.has(code)
  return isFinal ? new MailRefusedError(`SmtpError${code}`) : new SmtpError(code)
}
