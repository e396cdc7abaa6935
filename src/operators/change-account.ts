import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { AuditAction } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { NoticeTemplate, StoppableTemplate, TokenTemplate } from '../core/mail.ts'
import type { TokenPurpose } from '../core/token-text.ts'
import type { Step } from '../storage/database/batch.ts'
import { endSessions, type SessionEnding } from '../storage/database/end-sessions.ts'
import { issueToken, voidTokens } from '../storage/database/one-time-tokens.ts'
import { type MailCiphertext, type MailOrder, orderMail } from '../storage/database/outbox-mail.ts'
import { recorded } from '../storage/database/recorded.ts'
import { leavesAnAdmin } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Runnable } from '../storage/database/statement.ts'
import { mayBeNamed } from '../storage/database/users.ts'
import { type Account, type AccountRow, showAccount } from './account-view.ts'
import { type Operating, type OperatorRequest, sealNote } from './operation.ts'
import { selectAccount } from './select-account.ts'

export type ChangeDependencies = Operating & SessionEnding & Pick<Context, 'vault'>

/** An operator's change to one account. */
export interface AccountOperation extends OperatorRequest {
  readonly userId: UserId
  /** Free text by the operator. It may name the person, so it is encrypted before it is stored or sent. */
  readonly note?: string | undefined
}

interface AccountChange {
  /** Changes one row and returns it, if the state of the account allows this change. */
  readonly change: Runnable
  readonly event: AuditAction
  /** The change is guarded by `leavesAnAdmin`. */
  readonly keepsAnAdmin?: true
  /** The mail that notifies the owner. */
  readonly mail?: AccountMail
  /** Purposes of links that the change makes invalid. */
  readonly voids?: readonly TokenPurpose[]
  /** Why the change was refused, where the state of the account shows a reason with a code of its own. */
  readonly refusal?: (account: AccountRow) => AppError | undefined
  /**
   * Further statements, each guarded by the state that the change leaves.
   * @param happened SQL condition: the account was changed
   */
  readonly consequences?: (happened: SQL) => readonly Step[]
}

/** A notice, or a mail with a token. It never contains the device of the operator. */
type AccountMail =
  | {
      readonly template: Exclude<NoticeTemplate, StoppableTemplate>
      /** From `sealMailPayload`. */
      readonly payload?: MailCiphertext | undefined
    }
  | { readonly template: StoppableTemplate; readonly payload?: MailCiphertext | undefined; readonly token: MailedToken }
  | { readonly template: TokenTemplate; readonly token: MailedToken }

interface MailedToken {
  readonly id: string
  readonly purpose: TokenPurpose
  readonly expiresAtMs: number
}

/**
 * Changes an account in one batch: the change, its event (a failure if nothing was changed), and the end of
 * every session that is outdated because the change raised the security epoch. The mail is in the language of
 * the owner, not of the operator.
 * @returns the account after the change
 * @throws AppError `not_found`, `last_admin`, `state_conflict`, `unavailable`
 */
export async function changeAccount(
  ctx: ChangeDependencies,
  operation: AccountOperation,
  { change, event, mail, keepsAnAdmin, refusal, voids, consequences }: AccountChange,
): Promise<Account> {
  const { userId } = operation
  const { now } = ctx
  const note = await sealNote(ctx, operation)
  const changed = recorded(
    ctx,
    change,
    { ...event, outcome: 'success', subjectId: userId },
    { note, namesSubjectIf: mayBeNamed(userId), recordsFailure: true },
  )
  const { happened } = changed
  const token = mail && 'token' in mail ? mail.token : undefined
  const answers = await ctx.db.batch({
    changed,
    voided: voids && voidTokens(sql`SELECT ${userId} WHERE ${happened}`, voids),
    token: token && issueToken({ ...token, now }, sql`u.id = ${userId} AND ${happened}`),
    mailed: mail && orderMail({ ...ctx, locale: null }, orderOf(mail, { userId, onlyIf: happened })),
    ended: endOutdatedSessions(ctx, userId),
    consequences: consequences?.(happened),
    account: selectAccount(userId),
    admins: selectAdmins(userId),
  })
  const [account] = answers.account
  if (account === undefined) throw new AppError('not_found')
  const isLastAdmin = keepsAnAdmin === true && answers.admins[0]?.leaves_admin === false
  if (answers.changed.length === 0)
    throw refusal?.(account) ?? new AppError(isLastAdmin ? 'last_admin' : 'state_conflict')
  return showAccount(account)
}

function orderOf(mail: AccountMail, about: { readonly userId: UserId; readonly onlyIf: SQL }): MailOrder {
  if (!('token' in mail)) return { ...about, ...mail }
  const { token, ...order } = mail
  return { ...about, ...order, tokenId: token.id }
}

/**
 * Marks the sessions of an older epoch as ended, and writes their tombstones. The epoch alone already makes
 * them invalid.
 */
const endOutdatedSessions = (ctx: ChangeDependencies, userId: UserId) =>
  endSessions(
    ctx,
    'operator',
    sql`user_id = ${userId} AND security_epoch < (SELECT security_epoch FROM users WHERE id = ${userId})`,
  )

function selectAdmins(userId: UserId) {
  const members = { leaves_admin: computed.flag(leavesAnAdmin(userId)) } as const
  return withRows(members, sql`SELECT ${columnsOf(members)}`)
}
