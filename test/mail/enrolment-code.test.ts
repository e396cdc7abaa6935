import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { userIdSchema } from '../../src/core/ids.ts'
import type { MailPayload } from '../../src/core/mail-job.ts'
import { isMailCode } from '../../src/crypto/mail-code.ts'
import { orderMail, sealMailPayload } from '../../src/storage/database/outbox-mail.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { deliverMails, openMailbox } from '../support/mailbox.ts'
import { newUser } from '../support/operators.ts'
import { envWithKeys, rootKeys } from '../support/root-keys.ts'
import { change, prove, rows } from '../support/stores.ts'

const TICKET = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'

async function order(payload: MailPayload, settings = {}): Promise<ReturnType<typeof openMailbox>> {
  const mailbox = openMailbox(settings)
  const person = await newUser()
  await prove(person)
  await change('DELETE FROM mail_jobs')
  const ctx = await jobContext()
  const userId = userIdSchema.parse(person.id)
  const sealed = await sealMailPayload(ctx, await ctx.vault.find(userId), { userId, payload })
  const told = orderMail(
    { ...ctx, locale: 'en' },
    { template: 'enrolment-code', userId, payload: sealed, onlyIf: sql`true` },
  )
  await ctx.db.batch({ told })
  const [job] = await rows('SELECT id FROM mail_jobs')
  await deliverMails([{ id: job?.id }], mailbox.env)
  return mailbox
}

test('the mailed code belongs to the ticket, and no store holds it', async () => {
  const { mails } = await order({ codeFor: TICKET })
  const code = /^Code: (\d{8})$/m.exec(mails[0]?.text ?? '')?.[1] ?? ''
  expect(await isMailCode((await jobContext()).ring, TICKET, code)).toBe(true)
  expect(JSON.stringify(await rows('SELECT * FROM mail_jobs'))).not.toMatch(new RegExp(`${code}|${TICKET}`))
})

test('D4 a code that was mailed before a rotation counts while its root key is trusted', async () => {
  const { mails } = await order({ codeFor: TICKET }, { ROOT_KEYS: rootKeys(1) })
  const code = /^Code: (\d{8})$/m.exec(mails[0]?.text ?? '')?.[1] ?? ''
  const both = envWithKeys([2, 1])
  const countsIn = async (using: Env) => isMailCode((await jobContext(Date.now(), using)).ring, TICKET, code)
  const distrusting = { ...both, DISTRUSTED_ROOT_KEYS: '1' } as Env
  expect([await countsIn(both), await countsIn(distrusting), await countsIn(envWithKeys([2]))]).toEqual([
    true,
    false,
    false,
  ])
})

test('the console transport of this machine prints the code, as it prints a link', async () => {
  const console = listenToConsole()
  await order({ codeFor: TICKET }, { MAIL_TRANSPORT: 'console', ISSUER: 'http://localhost:8787' })
  const [, code = ''] = /^Mail: Your code for .*\n {2}(\d{8})$/m.exec(console.text()) ?? []
  expect(await isMailCode((await jobContext()).ring, TICKET, code)).toBe(true)
})

test('a job without a ticket is given up: a mail without its code is useless', async () => {
  const { mails } = await order({})
  expect(mails).toEqual([])
  expect(await rows('SELECT last_error, sent_at FROM mail_jobs')).toEqual([{ last_error: 'NoCode', sent_at: null }])
})
