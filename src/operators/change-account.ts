import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { AuditAction } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { NoticeTemplate, TokenTemplate } from '../core/mail.ts'
import type { TokenPurpose } from '../crypto/one-time-token.ts'
import { endSessions } from '../storage/database/end-sessions.ts'
import { issueToken } from '../storage/database/one-time-tokens.ts'
import { recorded } from '../storage/database/recorded.ts'
import { leavesAnAdmin } from '../storage/database/roles.ts'
import { type MailOrder, orderMail, queueMail } from '../storage/outbox-mail.ts'
import { type Account, knownUser, selectAccount, showAccount } from './account.ts'
import { type Operation, sealNote } from './operation.ts'

export type ChangeDependencies = Pick<
  Context,
  'db' | 'vault' | 'sessions' | 'actor' | 'requestId' | 'now' | 'outbox' | 'defer'
>

/** An operator's change to one account. */
export interface AccountOperation extends Operation {
  readonly userId: UserId
}

interface AccountChange {
  /** Changes one row and returns it, if the account is one that may be changed like this. */
  readonly change: SQL
  readonly event: AuditAction
  /** The change is guarded by `leavesAnAdmin`. */
  readonly keepsAnAdmin?: true
  /** What tells the owner. */
  readonly mail?: AccountMail
  /** What follows, each statement guarded by the state that the change leaves. */
  readonly consequences?: readonly SQL[]
}

/** A notice, or a mail with a token; it never has the operator's device. */
type AccountMail =
  | { readonly template: NoticeTemplate /** From `sealMailPayload`. */; readonly payload?: string | undefined }
  | { readonly template: TokenTemplate; readonly token: MailedToken }

interface MailedToken {
  readonly id: string
  readonly purpose: TokenPurpose
  readonly expiresAtMs: number
}

/**
 * Changes an account in one batch: the change, its event (a failure when it changed nothing), and the end of every
 * session that it has outdated by raising the epoch. Mail goes out in the language that the owner has chosen, not the
 * operator's.
 * @returns what the account is now. @throws AppError `not_found`, `last_admin`, `state_conflict`, `unavailable`
 */
export async function changeAccount(
  ctx: ChangeDependencies,
  operation: AccountOperation,
  { change, event, mail, keepsAnAdmin, consequences = [] }: AccountChange,
): Promise<Account> {
  const { userId } = operation
  const pii = await sealNote(userId, () => ctx.vault.find(userId), operation)
  const step = recorded(
    ctx,
    change,
    { ...event, outcome: 'success' },
    { pii, subject: knownUser(userId), recordsFailure: true },
  )
  const {
    changed,
    mailed,
    ended,
    account: [account],
    guard: [guard],
  } = await ctx.db.batch({
    changed: step,
    token:
      mail && 'token' in mail
        ? issueToken({ ...mail.token, now: ctx.now }, sql`u.id = ${userId} AND ${step.happened}`)
        : undefined,
    mailed: mail && orderMail({ ...ctx, locale: null }, orderOf(mail, { userId, onlyIf: step.happened })),
    ended: endOutdatedSessions(userId, ctx.now),
    account: selectAccount(userId),
    guard: sql<{ leaves_admin: number }>`SELECT ${leavesAnAdmin(userId)} AS leaves_admin`,
    consequences,
  })
  queueMail(ctx, mailed)
  ctx.defer(Promise.all(ended.map(({ id }) => ctx.sessions.revoke(id))))
  if (account === undefined) throw new AppError('not_found')
  const isLastAdmin = keepsAnAdmin === true && guard?.leaves_admin === 0
  if (changed.length === 0) throw new AppError(isLastAdmin ? 'last_admin' : 'state_conflict')
  return showAccount(account)
}

const orderOf = (mail: AccountMail, about: { readonly userId: UserId; readonly onlyIf: SQL }): MailOrder =>
  'token' in mail ? { ...about, template: mail.template, tokenId: mail.token.id } : { ...about, ...mail }

/** A session of an older epoch is dead already; here it gets the mark, and answers for its tombstone. */
const endOutdatedSessions = (userId: UserId, now: number) =>
  endSessions(
    { now, reason: 'operator' },
    sql`user_id = ${userId} AND security_epoch < (SELECT security_epoch FROM users WHERE id = ${userId})`,
  )
