import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import { type EmailAddress, parseEmailAddress } from '../identity/email/email-address.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import { allCountersOf, type NamedCounter } from './counters-for.ts'

/**
 * The person whose counters an operator reads or clears. An address needs no account, because an unknown
 * address is locked out too.
 */
export type CountedSubject = { readonly email: EmailAddress } | { readonly userId: UserId }

export interface SubjectCounters {
  /** Undefined for an address that has no account. */
  readonly userId: UserId | undefined
  readonly counters: readonly NamedCounter[]
}

type Dependencies = Pick<Context, 'ring' | 'settings' | 'db' | 'vault'>

/**
 * All counters of a person, by e-mail address and by account.
 * @throws AppError `not_found`, `unavailable`
 */
export async function subjectCounters(ctx: Dependencies, subject: CountedSubject): Promise<SubjectCounters> {
  const { email, userId } =
    'email' in subject
      ? { email: subject.email, userId: await findUserId(ctx, subject.email) }
      : { email: await readEmail(ctx, subject.userId), userId: subject.userId }
  return { userId, counters: await allCountersOf(ctx, { email, user: userId }) }
}

const idOfUser = { id: users.id } as const
const emailOfUser = { email_enc: users.emailEnc } as const

/** Index `users_email_index`. */
async function findUserId({ db, ring }: Dependencies, email: EmailAddress): Promise<UserId | undefined> {
  const indexes = await blindIndexes(ring, 'emailIndex', email.canonical)
  const statement = withRows(idOfUser, sql`SELECT ${columnsOf(idOfUser)} FROM users WHERE email_index IN ${indexes}`)
  return (await db.first(statement))?.id
}

async function readEmail({ db, vault }: Dependencies, userId: UserId): Promise<EmailAddress | undefined> {
  const [user, lookup] = await Promise.all([
    db.first(withRows(emailOfUser, sql`SELECT ${columnsOf(emailOfUser)} FROM users WHERE id = ${userId}`)),
    vault.find(userId),
  ])
  if (user === undefined || lookup.kind === 'destroyed') throw new AppError('not_found')
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  return parseEmailAddress(await decryptEmail(lookup.key, userId, user.email_enc))
}
