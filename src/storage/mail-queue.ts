import type { MailMessage } from '../core/mail-job.ts'
import type { SendMailJobs } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 5000

/** The queue whose consumer sends mail. @param ids at most 100, which is what one `sendBatch` takes */
export function createSendMailJobs(queue: Queue<MailMessage>): SendMailJobs {
  return async (ids) => {
    if (ids.length === 0) return
    await withTimeLimit(queue.sendBatch(ids.map((id) => ({ body: { id } }))), LIMIT_MS)
  }
}
