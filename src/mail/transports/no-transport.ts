import { MailRefusedError, type MailTransport } from '../../core/mail.ts'

/** For a service that sends no mail: every mail is given up at once, so that none is tried again for days. */
export const noTransport: MailTransport = {
  async send() {
    throw new MailRefusedError('MailOff')
  },
}
