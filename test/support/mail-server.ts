import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** The parts of a mail that a mail program shows. */
export interface ReceivedMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Every URL in the text. */
  readonly links: readonly string[]
}

/** An SMTP server on the loopback interface that accepts mail for every recipient. */
export interface MailServer {
  readonly port: number
  /** All mails that have arrived and were not taken, oldest first. */
  readonly unread: readonly ReceivedMail[]
  /**
   * Takes the oldest mail to this address with a matching subject, and waits for it if needed.
   * @throws when none arrives
   */
  take(to: string, subject: RegExp): Promise<ReceivedMail>
  [Symbol.asyncDispose](): Promise<void>
}

const ARRIVAL_MS = 20_000

interface Refusal {
  /** From 400 to 599. */
  readonly code: number
  readonly text: string
}

interface Options {
  /** The reply of the server to a recipient, if it refuses mail for it. */
  readonly refuse?: (address: string) => Refusal | undefined
}

/** Starts the server on a free port. */
export async function startMailServer({ refuse = () => undefined }: Options = {}): Promise<MailServer> {
  const unread: ReceivedMail[] = []
  const arrivals = new EventTarget()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      const refusal = refuse(address)
      done(refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code }))
    },
    onData(stream, { envelope }, done) {
      receive(
        stream,
        envelope.rcptTo.map(({ address }) => address),
      ).then((mail) => {
        unread.push(mail)
        arrivals.dispatchEvent(new Event('mail'))
        done()
      }, done)
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')

  async function take(to: string, subject: RegExp): Promise<ReceivedMail> {
    const deadline = AbortSignal.timeout(ARRIVAL_MS)
    for (;;) {
      const index = unread.findIndex((mail) => mail.to === to && subject.test(mail.subject))
      const [mail] = index < 0 ? [] : unread.splice(index, 1)
      if (mail !== undefined) return mail
      await once(arrivals, 'mail', { signal: deadline }).catch(() => {
        throw new Error(`no mail about ${subject}; there are: ${unread.map((other) => other.subject).join(', ')}`)
      })
    }
  }
  const stop = () => new Promise<void>((resolve) => server.close(resolve))
  return { port: address.port, unread, take, [Symbol.asyncDispose]: stop }
}

/** @throws when a mail has more than one recipient (O8) */
async function receive(stream: NodeJS.ReadableStream, recipients: readonly string[]): Promise<ReceivedMail> {
  const mail = await PostalMime.parse(await text(stream))
  const [to = '', ...others] = recipients
  if (others.length > 0) throw new Error('a mail to several people')
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
  const plain = mail.text ?? ''
  const links = plain.match(/https?:\/\/\S+/g) ?? []
  return { to, subject: mail.subject ?? '', text: plain, html: mail.html ?? '', headers, links }
}
