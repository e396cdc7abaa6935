import type { MailMessage } from '../core/mail-job.ts'
import type { SendMailJobs } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 5000

/**
 * Sends ids of mail jobs to the queue whose consumer sends the mail.
 * @param ids at most 100, the limit of one `sendBatch`
 */
export function createSendMailJobs(queue: Queue<MailMessage>): SendMailJobs {
  return async (ids) => {
    if (ids.length === 0) return
    await withTimeLimit(queue.sendBatch(ids.map((id) => ({ body: { id } }))), LIMIT_MS)
  }
}
