import { type SQL, sql } from 'drizzle-orm'
import { newTimeOrderedId, type UserId } from '../core/ids.ts'
import type { MailTemplate } from '../core/mail.ts'
import { type MailPayload, mailPayloadSchema } from '../core/mail-job.ts'
import type { DataKeyLookup, RequestFacts } from '../core/ports.ts'
import { decryptField, encryptField } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { hasEveryRootKey } from './database/root-keys.ts'

interface MailOrder {
  /** Of the job: a request's, or a new one. */
  readonly id?: string
  readonly template: MailTemplate
  /** Whose account it is about, and whose present address it goes to unless the payload names another. */
  readonly userId: UserId | SQL
  /** Id of the one-time token that the mail hands out. */
  readonly tokenId?: string | undefined
  /** From `sealMailPayload`. */
  readonly payload?: string | undefined
  /** SQL condition, such as `previousChangedARow`. */
  readonly onlyIf: SQL
}

/** What a batch says about a mail, or the request for one, that it took: put these rows into `queueMail`. */
export interface MailJobRow {
  readonly id: string
}

/**
 * The statement that orders a mail. It belongs into the same batch as what the mail tells about; neither a readable
 * address nor a token is in it, so the database alone can send nothing and tells nothing. The mail goes to the address
 * that the account has at this statement: a thief who moves the account on must not get word of his own doings.
 */
export function orderMail(
  { now, locale }: Pick<RequestFacts, 'now' | 'locale'>,
  { id, template, userId, tokenId, payload, onlyIf }: MailOrder,
): SQL<MailJobRow> {
  return sql<MailJobRow>`
    INSERT INTO mail_jobs (id, user_id, template, locale, token_id, email_enc, payload_enc, created_at)
    SELECT ${id ?? newTimeOrderedId(now)}, ${userId}, ${template}, ${locale}, ${tokenId ?? null},
      (SELECT email_enc FROM users WHERE id = ${userId}), ${payload ?? null}, ${now}
    WHERE ${onlyIf} RETURNING id`
}

/** Links that are asked for by naming an address. */
export type RequestedTemplate = 'reset-password' | 'verify-email'

/**
 * The statement that notes that a link was asked for, the same for every address: `orderRequestedMail` finds out whose
 * it is, when the answer is out. Nothing is noted while a root key is missing, under which somebody might be found.
 * @param indexes of the address, under every version of the root key
 */
export const requestMail = (
  { ring, now, locale }: Pick<RequestFacts, 'now' | 'locale'> & { readonly ring: KeyRing },
  { template, indexes }: { readonly template: RequestedTemplate; readonly indexes: readonly string[] },
): SQL<MailJobRow> => sql<MailJobRow>`
  INSERT INTO mail_requests (id, template, address_indexes, locale, created_at)
  SELECT ${newTimeOrderedId(now)}, ${template}, ${JSON.stringify(indexes)}, ${locale}, ${now}
  WHERE ${hasEveryRootKey(ring)} RETURNING id`

/** Lets the jobs that a batch took be sent once the answer is out; the sweep sends what this forgets. */
export function queueMail({ outbox }: Pick<RequestFacts, 'outbox'>, jobs: readonly MailJobRow[]): void {
  outbox.mailJobs.push(...jobs.map(({ id }) => id))
}

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
  return mailPayloadSchema.parse(JSON.parse(await decryptField(key, placeOf(userId), sealed)))
}

const placeOf = (owner: UserId) => ({ table: 'mail_jobs', column: 'payload_enc', owner })
