import { sql } from 'drizzle-orm'
import type { MailPayload } from '../core/mail-job.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { openMailPayload } from '../storage/database/outbox-mail.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { mailJobs } from '../storage/schema/index.ts'

const exportedMail = {
  id: mailJobs.id,
  template: mailJobs.template,
  created_at: mailJobs.createdAt,
  sent_at: mailJobs.sentAt,
  email_enc: mailJobs.emailEnc,
  payload_enc: mailJobs.payloadEnc,
} as const

/** Mails that are waiting to be sent, or were sent recently. */
export const mailPersonalData: PersonalDataOwner = {
  service: 'mail',
  tables: ['mail_jobs'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const jobs = await db.all(
      withRows(
        exportedMail,
        sql`SELECT ${columnsOf(exportedMail)} FROM mail_jobs WHERE user_id = ${userId} ORDER BY id`,
      ),
    )
    const mails = jobs.map(async ({ id, template, created_at, sent_at, email_enc, payload_enc }) => {
      const payload: MailPayload =
        payload_enc === null ? {} : await openMailPayload(key, { jobId: id, userId }, payload_enc)
      const { to, client } = payload
      return {
        template,
        created_at: rfc3339(created_at),
        sent_at: rfc3339OrNull(sent_at),
        to: to ?? (email_enc === null ? null : await decryptEmail(key, userId, email_enc)),
        ip: client?.ip ?? null,
        user_agent: client?.user_agent ?? null,
        city: client?.city ?? null,
        country: client?.country ?? null,
      }
    })
    return { mails: await Promise.all(mails) }
  },

  erasePersonalData: (userId) => [deleteRows('mail_jobs', userId)],
}
