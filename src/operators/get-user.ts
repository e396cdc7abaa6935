import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { OperatorReason } from '../core/operator.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import type { EncryptedProfile } from '../storage/database/profile-row.ts'
import { recordEvent } from '../storage/outbox.ts'
import { type Account, type AccountRow, accountColumns, knownUser, showAccount } from './account.ts'
import { type Erasure, type ErasureRow, erasureColumns, showErasure } from './erasure.ts'
import { operatorSession } from './operation.ts'
import { type PersonalView, readPersonalView } from './personal-view.ts'

export interface UserInquiry {
  readonly userId: UserId
  /** Shows personal data unmasked, and is recorded. */
  readonly revealFor?: OperatorReason | undefined
}

/** An account, and as much of the person as the operator gave a reason for. */
export interface ViewedUser extends Account, PersonalView {
  readonly has_password: boolean
  readonly live_sessions: number
  readonly erasure: Erasure | null
  /** `destroyed`: the person was erased. `unavailable`: no store answers right now, and nothing personal is shown. */
  readonly data_key: DataKeyLookup['kind']
  readonly is_revealed: boolean
}

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** Shows one user; one wait, in which the rows and the key are asked for together. @throws AppError `not_found` */
export async function getUser(ctx: Dependencies, { userId, revealFor }: UserInquiry): Promise<ViewedUser> {
  const { db, vault, now } = ctx
  const known = knownUser(userId)
  const revealed = revealFor === undefined ? {} : { revealed_for: revealFor }
  const [[[row], [erasure]], lookup] = await Promise.all([
    db.batch([
      selectViewed(userId, now),
      sql<ErasureRow>`SELECT ${erasureColumns(now)} FROM erasures WHERE user_id = ${userId}`,
      recordEvent(
        ctx,
        { action: 'operator.user_viewed', outcome: 'success', detail: { ...operatorSession(ctx), ...revealed } },
        { subject: known, outcome: sql`CASE WHEN ${known} IS NULL THEN 'failure' ELSE 'success' END` },
      ),
    ]),
    vault.find(userId),
  ])
  if (row === undefined) throw new AppError('not_found')
  const isRevealed = revealFor !== undefined
  return {
    ...showAccount(row),
    ...(await readPersonalView(lookup, row, isRevealed)),
    has_password: row.has_password === 1,
    live_sessions: row.live_sessions,
    erasure: erasure === undefined ? null : showErasure(erasure),
    data_key: lookup.kind,
    is_revealed: isRevealed,
  }
}

interface ViewedRow extends AccountRow, EncryptedProfile {
  readonly email_enc: string
  readonly has_password: number
  readonly live_sessions: number
}

/** By primary keys and `sessions_unrevoked`. */
const selectViewed = (userId: UserId, now: number): SQL<ViewedRow> => sql`
  SELECT ${accountColumns}, users.email_enc,
    p.full_name_enc, p.phone_number_enc, p.avatar_url_enc, p.bio_enc, p.preferences_enc,
    EXISTS (SELECT 1 FROM credentials WHERE user_id = users.id AND password_hash IS NOT NULL) AS has_password,
    (SELECT count(*) FROM sessions WHERE sessions.user_id = ${userId} AND ${sessionIsAlive(now)}) AS live_sessions
  FROM users LEFT JOIN user_profiles p ON p.user_id = users.id WHERE users.id = ${userId}`
