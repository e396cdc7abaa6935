import { type SQL, sql } from 'drizzle-orm'
import { newTimeOrderedId, type UserId } from '../../core/ids.ts'
import { readStored } from '../../core/json.ts'
import {
  type MailTemplate,
  NOTICES_AN_HOUR,
  type NoticeTemplate,
  noticesLike,
  type RequestedTemplate,
  type TokenTemplate,
} from '../../core/mail.ts'
import { type MailPayload, mailPayloadSchema } from '../../core/mail-job.ts'
import type { DataKeyLookup, RequestFacts } from '../../core/ports.ts'
import { HOUR_MS } from '../../core/time.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { mailJobs, mailRequests, users } from '../schema/index.ts'
import { finishFirst } from './outbox.ts'
import { hasEveryRootKey } from './root-keys.ts'
import { columnsOf, computed, type Row, withRows } from './rows.ts'
import { type Statement, type Taken, takenFrom } from './statement.ts'
import { u } from './users.ts'
import { assignments, insertInto, onConflict, plusOne } from './writes.ts'

interface OrderedMail {
  /** Of the job, where it is a request's. */
  readonly id?: string
  /** Whose account it is about, and whose present address it goes to unless the payload names another. */
  readonly userId: UserId | SQL
  /** From `sealMailPayload`. */
  readonly payload?: string | undefined
  /** SQL condition, such as `happened` of a recorded change. */
  readonly onlyIf: SQL
  /**
   * Completes the job behind the answer. The mail is sent when that is done. A notice that is held back has
   * no use for it.
   */
  readonly later?: CompleteMail
}

/** Work on a mail that the database has taken. It may fail: then the mail says less. */
export type CompleteMail = (job: { readonly id: string; readonly userId: UserId }) => Promise<void>

/** A mail that hands out a one-time token. */
interface TokenMail extends OrderedMail {
  readonly template: TokenTemplate
  /** Id of the token. */
  readonly tokenId: string
}

/** A mail that tells what happened. */
interface Notice extends OrderedMail {
  readonly template: NoticeTemplate
}

export type MailOrder = TokenMail | Notice

/**
 * What ordering a mail takes. What the database has taken goes into the outbox, to be sent once the answer is
 * out; the sweep sends what the outbox does not get to know.
 */
export type MailRecorder = Pick<RequestFacts, 'now' | 'locale' | 'outbox'>

/** What a batch says about a mail that it took: null where the notice was held back. */
const takenNotice = {
  id: computed.textOrNull(sql`iif(${mailJobs.heldBack} = 0, ${mailJobs.id}, NULL)`),
  user_id: mailJobs.userId,
} as const
const takenMail = { id: mailJobs.id, user_id: mailJobs.userId } as const
const takenRequest = { id: mailRequests.id } as const

/**
 * The statement that orders a mail. It belongs into the same batch as what the mail tells about; neither a
 * readable address nor a token is in it, so the database alone can send nothing and tells nothing. The mail
 * goes to the address that the account has at this statement: a thief who moves the account on must not get
 * word of his own doings.
 *
 * A notice goes to a proven address alone (SECURITY.md P6), and under the account's quota; over it, the same
 * statement counts it for a mail that says an hour later how many were held back. So what comes behind this
 * in a batch must not ask `changes()` whether the mail was ordered.
 */
export const orderMail = (ctx: MailRecorder, order: MailOrder): Statement<Taken> =>
  takenFrom<TakenMail>('tokenId' in order ? orderTokenMail(ctx, order) : orderNotice(ctx, order), (jobs) => {
    for (const { id, user_id: userId } of jobs) {
      if (id === null) continue
      ctx.outbox.mailJobs.add(id)
      finishFirst(ctx.outbox, order.later?.({ id, userId }))
    }
  })

interface TakenMail {
  readonly id: string | null
  readonly user_id: UserId
}

const orderTokenMail = (
  { now, locale }: Pick<RequestFacts, 'now' | 'locale'>,
  { id, template, userId, tokenId, payload, onlyIf }: TokenMail,
): Statement<Row<typeof takenMail>> =>
  withRows(
    takenMail,
    sql`${insertInto(
      mailJobs,
      {
        id: id ?? newTimeOrderedId(now),
        user_id: userId,
        template,
        locale,
        token_id: tokenId,
        email_enc: sql`(SELECT ${users.emailEnc} FROM users WHERE id = ${userId})`,
        payload_enc: payload,
        created_at: now,
      },
      { onlyIf },
    )} RETURNING ${columnsOf(takenMail)}`,
  )

/** Index `mail_jobs_user`: of an account's jobs no more are looked at than an hour's. */
function orderNotice(
  { now, locale }: Pick<RequestFacts, 'now' | 'locale'>,
  { id = newTimeOrderedId(now), template, userId, payload, onlyIf }: Notice,
): Statement<Row<typeof takenNotice>> {
  const digest: MailTemplate = 'notices-held-back'
  const ofHour = sql`SELECT count(*) FROM mail_jobs j WHERE j.user_id = u.id AND j.created_at > ${now - HOUR_MS}`
  const fits = sql`(${ofHour} AND j.template = ${template}) < ${NOTICES_AN_HOUR.ofTemplate}
    AND (${ofHour} AND j.template IN ${noticesLike(template)}) < ${NOTICES_AN_HOUR.ofKind}`
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
      email_enc: sql`address`,
      payload_enc: sql`iif(fits, ${payload ?? null}, NULL)`,
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

/**
 * The statement that notes that a link was asked for, the same for every address: `orderRequestedMail` finds
 * out whose it is, when the answer is out. Nothing is noted while a root key is missing, under which somebody
 * might be found.
 * @param indexes of the address, under every version of the root key
 */
export const requestMail = (
  { ring, now, locale, outbox }: MailRecorder & { readonly ring: KeyRing },
  { template, indexes }: { readonly template: RequestedTemplate; readonly indexes: readonly string[] },
): Statement<Taken> =>
  takenFrom(
    withRows(
      takenRequest,
      sql`${insertInto(
        mailRequests,
        {
          id: newTimeOrderedId(now),
          template,
          address_indexes: JSON.stringify(indexes),
          locale,
          created_at: now,
        },
        { onlyIf: hasEveryRootKey(ring) },
      )} RETURNING ${columnsOf(takenRequest)}`,
    ),
    (requests) => {
      for (const { id } of requests) outbox.mailJobs.add(id)
    },
  )

/** Undefined when there is no key: the mail then says when, and not where. */
export async function sealMailPayload(
  lookup: DataKeyLookup,
  userId: UserId,
  payload: MailPayload,
): Promise<string | undefined> {
  if (lookup.kind !== 'found') return undefined
  return encryptField(lookup.key, placeOf(userId), JSON.stringify(payload))
}

/** @throws CiphertextError */
export async function openMailPayload(key: CryptoKey, userId: UserId, sealed: string): Promise<MailPayload> {
  return readStored(mailPayloadSchema, await decryptField(key, placeOf(userId), sealed))
}

const placeOf = (owner: UserId) => ({ table: 'mail_jobs', column: 'payload_enc', owner })
