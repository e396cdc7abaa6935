import Mailer from 'nodemailer/lib/mailer'
import SmtpTransport, { type SMTPTransportOptions } from 'nodemailer/lib/smtp-transport'

/**
 * What sends a mail to one server. `createTransport` of nodemailer would bring its pool, its test accounts
 * and three other transports along.
 */
export const createMailer = (options: SMTPTransportOptions) => new Mailer(new SmtpTransport(options), options)
