import { type SQL, sql } from 'drizzle-orm'
import { newTimeOrderedId, type UserId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import {
  type CodeTemplate,
  isNotice,
  type MailTemplate,
  mailKinds,
  NOTICES_AN_HOUR,
  type NoticeTemplate,
  noticesLike,
  type RequestedTemplate,
  type StoppableTemplate,
  type TokenTemplate,
} from '../../core/mail.ts'
import { type MailPayload, mailPayloadSchema } from '../../core/mail-job.ts'
import type { DataKeyLookup, MailOutbox, RequestFacts } from '../../core/ports.ts'
import { HOUR_MS } from '../../core/time.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { mailJobs, mailRequests, users } from '../schema/index.ts'
import type { Row } from './members.ts'
import { finishFirst } from './outbox.ts'
import { hasEveryRootKey } from './root-keys.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { expiring } from './unbound-ciphertexts.ts'
import { u } from './users.ts'
import { assignments, insertInto, onConflict, plusOne } from './writes.ts'

interface OrderedMail {
  /** Id of the mail job, if the mail was requested and has one already. */
  readonly id?: string
  /**
   * The account that the mail is about. The mail goes to its present address, unless the payload names
   * another.
   */
  readonly userId: UserId | SQL
  /** From `sealMailPayload`. */
  readonly payload?: MailCiphertext | undefined
  /** SQL condition: the mail is ordered only if it holds. For example `happened` of a recorded change. */
  readonly onlyIf: SQL
  /**
   * Completes the job after the answer has been sent. The mail is sent when this work is done. Not run for a
   * notice that is held back.
   */
  readonly later?: CompleteMail
}

/** Work on a mail job that has been stored. If it fails, the mail contains fewer details. */
export type CompleteMail = (job: { readonly id: string; readonly userId: UserId }) => Promise<void>

/** A mail that delivers a one-time token. */
interface TokenMail extends OrderedMail {
  readonly template: TokenTemplate
  /** Id of the token. */
  readonly tokenId: string
}

/** A mail about something that happened to the account. */
interface Notice extends OrderedMail {
  readonly template: Exclude<NoticeTemplate, StoppableTemplate>
}

/** A notice that delivers the one-time token which stops what it reports. */
interface StoppableNotice extends OrderedMail {
  readonly template: StoppableTemplate
  /** Id of the token. */
  readonly tokenId: string
}

/** A mail with a code and a link that follow from the id of the job. */
interface RequestedCodeMail extends Omit<OrderedMail, 'id'> {
  readonly template: CodeTemplate
  readonly id: string
}

export type MailOrder = TokenMail | Notice | StoppableNotice | RequestedCodeMail

/**
 * Dependencies of ordering a mail. A stored job is added to the outbox, and sent after the answer.
 * `resendMail` sends the jobs that did not reach the outbox.
 */
export type MailRecorder = Pick<RequestFacts, 'now' | 'locale'> & { readonly outbox: MailOutbox }

/** What the statement for a notice returns. The id is null if the notice was held back. */
const takenNotice = {
  id: computed.textOrNull(sql`iif(${mailJobs.heldBack} = 0, ${mailJobs.id}, NULL)`),
  user_id: mailJobs.userId,
} as const
const takenMail = { id: mailJobs.id, user_id: mailJobs.userId } as const
const takenRequest = { id: mailRequests.id } as const

/**
 * The statement that orders a mail. It belongs in the same batch as the change that the mail reports. A job
 * contains no readable address and no token, so the database alone can neither send nor reveal anything. The
 * mail goes to the address that the account has when this statement runs. If a thief changes the address
 * later, the notice still reaches the owner, and not the thief.
 *
 * A notice is sent only to a verified address, because an unverified one may belong to a stranger, and only
 * within the account's quota. Over the quota, the same statement counts it for a digest, which an hour later
 * tells how many notices were held back. So later statements of the batch must not use `changes()` to find
 * out whether the mail was ordered.
 */
export const orderMail = (ctx: MailRecorder, order: MailOrder): Statement<Taken> =>
  takenFrom<OrderedJob>(isNoticeOrder(order) ? orderNotice(ctx, order) : orderPlainMail(ctx, order), (jobs) => {
    for (const { id, user_id: userId } of jobs) {
      if (id === null) continue
      ctx.outbox.mailJobs.add(id)
      finishFirst(ctx.outbox, order.later?.({ id, userId }))
    }
  })

const isNoticeOrder = (order: MailOrder): order is Notice | StoppableNotice => isNotice(order.template)

interface OrderedJob {
  readonly id: string | null
  readonly user_id: UserId
}

const orderPlainMail = (
  { now, locale }: Pick<RequestFacts, 'now' | 'locale'>,
  { id, template, userId, payload, onlyIf, ...order }: TokenMail | RequestedCodeMail,
): Statement<Row<typeof takenMail>> =>
  withRows(
    takenMail,
    sql`${insertInto(
      mailJobs,
      {
        id: id ?? payload?.jobId ?? newTimeOrderedId(now),
        user_id: userId,
        template,
        locale,
        token_id: 'tokenId' in order ? order.tokenId : null,
        email_enc: sql`(SELECT ${users.emailEnc} FROM users WHERE id = ${userId})`,
        payload_enc: payload?.text,
        created_at: now,
      },
      { onlyIf },
    )} RETURNING ${columnsOf(takenMail)}`,
  )

/**
 * SQL condition on `users u`: a notice of this template is within the quota of the account. Index
 * `mail_jobs_user`: reads at most the account's jobs of the last hour.
 */
export function fitsQuota(template: NoticeTemplate, now: number): SQL {
  const ofHour = sql`SELECT count(*) FROM mail_jobs j WHERE j.user_id = u.id AND j.created_at > ${now - HOUR_MS}`
  const fitsKind = sql`(${ofHour} AND j.template IN ${noticesLike(template)}) < ${NOTICES_AN_HOUR.ofKind}`
  if (mailKinds[template] === 'stoppable') return fitsKind
  return sql`(${ofHour} AND j.template = ${template}) < ${NOTICES_AN_HOUR.ofTemplate} AND ${fitsKind}`
}

/**
 * SQL condition: the user can be told now, with a link, what such a notice reports. A change that a link can
 * stop requires it, because a thief would otherwise use the quota up first, and then make a change without a
 * link.
 */
export const canBeTold = (userId: UserId | SQL, template: StoppableTemplate, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM users u WHERE u.id = ${userId} AND ${fitsQuota(template, now)})`

/** Over the quota of the account, counts the notice in the digest instead. */
function orderNotice(
  { now, locale }: Pick<RequestFacts, 'now' | 'locale'>,
  { payload, id = payload?.jobId ?? newTimeOrderedId(now), userId, onlyIf, ...order }: Notice | StoppableNotice,
): Statement<Row<typeof takenNotice>> {
  const { template } = order
  const tokenId = 'tokenId' in order ? order.tokenId : null
  const digest: MailTemplate = 'notices-held-back'
  const fits = fitsQuota(template, now)
  const waiting = sql`
    SELECT j.id FROM mail_jobs j WHERE j.user_id = u.id AND j.created_at > ${now} AND j.template = ${digest}
      AND j.attempts = 0 AND j.failed_at IS NULL LIMIT 1`
  const insertion = insertInto(
    mailJobs,
    {
      id: sql`iif(fits, ${id}, ifnull(waiting, ${id}))`,
      user_id: sql`owner_id`,
      template: sql`iif(fits, ${template}, ${digest})`,
      locale,
      token_id: tokenId === null ? null : sql`iif(fits, ${tokenId}, NULL)`,
      email_enc: sql`address`,
      payload_enc: sql`iif(fits, ${payload?.text ?? null}, NULL)`,
      created_at: sql`iif(fits, ${now}, ${now + HOUR_MS})`,
      held_back: sql`NOT fits`,
    },
    {
      from: sql`(SELECT ${u.id} AS owner_id, ${u.emailEnc} AS address, (${fits}) AS fits, (${waiting}) AS waiting
        FROM users u WHERE ${u.id} = ${userId} AND ${u.isVerified} AND ${onlyIf})`,
    },
  )
  const oneMore = onConflict([mailJobs.id], assignments(mailJobs, { held_back: plusOne(mailJobs.heldBack) }))
  return withRows(takenNotice, sql`${insertion} ${oneMore} RETURNING ${columnsOf(takenNotice)}`)
}

interface MailRequest {
  /** UUID v7. By default a new one. */
  readonly id?: string
  readonly template: RequestedTemplate
  /** Of the address, one for each root key version. */
  readonly indexes: readonly string[]
  /** The address itself, encrypted, for a sign-up. */
  readonly addressEnc?: string | undefined
  /** SQL condition: the request is stored only if it holds. */
  readonly onlyIf?: SQL
}

/**
 * The statement that stores a request for a link. It is the same for every address: `orderRequestedMail`
 * looks up the account after the answer has been sent. Stores nothing while a root key is missing, because
 * the account could be stored under that key.
 */
export const requestMail = (
  { ring, now, locale, outbox }: MailRecorder & { readonly ring: KeyRing },
  { id = newTimeOrderedId(now), template, indexes, addressEnc, onlyIf = sql`true` }: MailRequest,
): Statement<Taken> =>
  takenFrom(
    withRows(
      takenRequest,
      sql`${insertInto(
        mailRequests,
        {
          id,
          template,
          address_indexes: JSON.stringify(indexes),
          locale,
          created_at: now,
          address_enc: addressEnc,
        },
        { onlyIf: sql`${hasEveryRootKey(ring)} AND ${onlyIf}` },
      )} RETURNING ${columnsOf(takenRequest)}`,
    ),
    (requests) => {
      for (const { id } of requests) outbox.mailJobs.add(id)
    },
  )

/** A ciphertext that opens only in the row of one mail job. The job must get this id. */
export interface MailCiphertext {
  readonly jobId: string
  readonly text: string
}

/**
 * Encrypts `mail_jobs.payload_enc` of a new job, whose id it chooses. Undefined if there is no data key: then
 * the mail contains the time, but not the place.
 */
export async function sealMailPayload(
  { now }: Pick<RequestFacts, 'now'>,
  lookup: DataKeyLookup,
  { userId, payload }: { readonly userId: UserId; readonly payload: MailPayload },
): Promise<MailCiphertext | undefined> {
  const jobId = newTimeOrderedId(now)
  const text = await sealPayloadOf({ jobId, userId }, lookup, payload)
  return text === undefined ? undefined : { jobId, text }
}

/** The row of `mail_jobs`, and the owner of its key. */
export interface MailRow {
  readonly jobId: string
  readonly userId: UserId
}

/** Like `sealMailPayload`, for a job that has an id already. */
export async function sealPayloadOf(
  row: MailRow,
  lookup: DataKeyLookup,
  payload: MailPayload,
): Promise<string | undefined> {
  return lookup.kind === 'found' ? encryptField(lookup.key, placeOf(row), JSON.stringify(payload)) : undefined
}

/** @throws CiphertextError */
export async function openMailPayload(key: CryptoKey, row: MailRow, sealed: string): Promise<MailPayload> {
  return readStored(mailPayloadSchema, await decryptField(key, expiring(placeOf(row)), sealed))
}

const placeOf = ({ userId, jobId }: MailRow) => ({
  table: 'mail_jobs',
  column: 'payload_enc',
  owner: userId,
  row: jobId,
})
