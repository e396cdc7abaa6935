import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import worker from '../../src/index.ts'
import { rows } from './service.ts'

/** A mail as the transport received it. */
export interface SentMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly from: { readonly name: string; readonly email: string }
  readonly headers: Record<string, string>
}

export interface Mailbox {
  /** The environment whose mails are captured here. */
  readonly env: Env
  /** All mails that were sent so far. */
  readonly mails: SentMail[]
  /** Messages that are in the queue and have not been delivered. */
  readonly messages: { readonly id: string }[]
  /** Delivers the messages of the queue until it is empty. @returns the mails that were sent */
  collect(): Promise<SentMail[]>
  /** Switches on, or off, that each attempt to send fails. */
  setDown(isDown: boolean): void
}

/**
 * A transport and a queue that the test controls.
 * @param settings replaced variables, or bindings with faults
 */
export function openMailbox(settings: Record<string, unknown> = {}): Mailbox {
  const mails: SentMail[] = []
  const messages: { id: string }[] = []
  let isDown = false
  const EMAIL = {
    async send(mail: SentMail) {
      if (isDown) throw new Error(`no route to ${mail.to}`)
      mails.push(mail)
    },
  }
  const MAIL_QUEUE = {
    async sendBatch(batch: Iterable<{ body: { id: string } }>) {
      messages.push(...[...batch].map(({ body }) => body))
    },
  }
  const using = { ...env, EMAIL, MAIL_QUEUE, ...settings } as unknown as Env
  return {
    env: using,
    mails,
    messages,
    setDown(value) {
      isDown = value
    },
    async collect() {
      const before = mails.length
      while (messages.length > 0) await deliverMails(messages.splice(0, 100), using)
      return mails.slice(before)
    },
  }
}

/** Delivers messages to the mail consumer as one batch. @returns those that must be delivered again */
export async function deliverMails(bodies: readonly unknown[], using: Env) {
  const messages = bodies.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body }))
  const batch = createMessageBatch('latchkey-mail', messages as never)
  const execution = createExecutionContext()
  await worker.queue(batch, using, execution)
  return (await getQueueResult(batch, execution)).retryMessages
}

/** The link in a mail. */
export function linkIn(mail: SentMail | undefined): URL {
  const [link] = /https?:\/\/\S+/.exec(mail?.text ?? '') ?? []
  if (link === undefined) throw new Error('no link in the mail')
  return new URL(link)
}

/** The token in a mail's link. */
export function tokenIn(mail: SentMail | undefined): string {
  const token = new URLSearchParams(linkIn(mail).hash.slice(1)).get('token')
  if (token === null) throw new Error('no token in the link')
  return token
}

/** The ids of jobs that were neither sent nor given up. */
export const openJobs = async (): Promise<string[]> =>
  (await rows<{ id: string }>('SELECT id FROM mail_jobs WHERE sent_at IS NULL AND failed_at IS NULL')).map(
    ({ id }) => id,
  )
