import Mailer from 'nodemailer/lib/mailer'
import SmtpTransport, { type SMTPTransportOptions } from 'nodemailer/lib/smtp-transport'

/**
 * Sends mails to one server. Built from parts of nodemailer, because its `createTransport` would also include
 * its pool, test accounts and three other transports in the bundle.
 */
export const createMailer = (options: SMTPTransportOptions) => new Mailer(new SmtpTransport(options), options)
