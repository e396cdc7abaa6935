import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { OperatorReason } from '../core/operator.ts'
import { hasPassword } from '../storage/database/account-level.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { profileColumns } from '../storage/database/profile-row.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { mayBeNamed } from '../storage/database/users.ts'
import { users } from '../storage/schema/index.ts'
import { accountMembers, showAccount } from './account-view.ts'
import { type ErasureRow, erasureMembers, showErasure } from './erasure-view.ts'
import { factorMembers, showFactors } from './factors-view.ts'
import { type Operating, operatorSession } from './operation.ts'
import { readPersonalView } from './personal-view.ts'
import { knownUser, outcomeOf } from './select-account.ts'
import type { ViewedUser } from './user-views.ts'

export interface UserInquiry {
  readonly userId: UserId
  /** The reason for showing personal data unmasked. It is recorded. */
  readonly revealFor?: OperatorReason | undefined
}

type Dependencies = Operating & Pick<Context, 'vault'>

/** Shows one user. One wait: the rows and the key are read in parallel. @throws AppError `not_found` */
export async function getUser(ctx: Dependencies, { userId, revealFor }: UserInquiry): Promise<ViewedUser> {
  const { db, vault, now } = ctx
  const known = knownUser(userId)
  const revealed = revealFor === undefined ? {} : { revealed_for: revealFor }
  const [viewed, lookup] = await Promise.all([
    db.batch({
      user: selectViewed(userId, now),
      erasure: selectErasure(userId, now),
      record: recordEvent(
        ctx,
        {
          action: 'operator.user_viewed',
          outcome: 'success',
          subjectId: userId,
          detail: { ...operatorSession(ctx), ...revealed },
        },
        { namesSubjectIf: mayBeNamed(userId), outcome: outcomeOf(known) },
      ),
    }),
    vault.find(userId),
  ])
  const [row] = viewed.user
  const [erasure] = viewed.erasure
  if (row === undefined) throw new AppError('not_found')
  const isRevealed = revealFor !== undefined
  return {
    ...showAccount(row),
    ...(await readPersonalView(lookup, row, isRevealed)),
    has_password: row.has_password,
    live_sessions: row.live_sessions,
    factors: showFactors(row),
    erasure: erasure === undefined ? null : showErasure(erasure),
    data_key: lookup.kind,
    is_revealed: isRevealed,
  }
}

const viewedMembers = (userId: UserId, now: number) =>
  ({
    ...accountMembers,
    ...factorMembers,
    email_enc: users.emailEnc,
    ...profileColumns,
    has_password: computed.flag(hasPassword),
    live_sessions: computed.integer(
      sql`(SELECT count(*) FROM sessions WHERE sessions.user_id = ${userId} AND ${sessionIsAlive(now)})`,
    ),
  }) as const

/** Selects the user by primary keys and `sessions_unrevoked`. */
function selectViewed(userId: UserId, now: number): Statement<Row<ReturnType<typeof viewedMembers>>> {
  const members = viewedMembers(userId, now)
  return withRows(
    members,
    sql`
      SELECT ${columnsOf(members)} FROM users LEFT JOIN user_profiles ON user_profiles.user_id = users.id
      WHERE users.id = ${userId}`,
  )
}

function selectErasure(userId: UserId, now: number): Statement<ErasureRow> {
  const members = erasureMembers(now)
  return withRows(members, sql`SELECT ${columnsOf(members)} FROM erasures WHERE user_id = ${userId}`)
}
