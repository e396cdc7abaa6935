import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import { isBelow, PHISHING_RESISTANT } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { rpIdOf } from '../../core/relying-party.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { signsInAlone } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments, whether } from '../../storage/database/writes.ts'
import { credentials } from '../../storage/schema/index.ts'
import { describeChange } from '../describe-change.ts'

type Dependencies = Recording & Pick<Context, 'vault' | 'locale' | 'settings'>

const credentialRow = { user_id: credentials.userId } as const

/**
 * Removes the password of an account that signs in with passkeys, and mails the owner. The session must have
 * proven a passkey. Two passkeys must remain, or one and a recovery code, so that one lost device locks
 * nobody out. One statement checks it, so a passkey that is removed at the same time wins or fails. A mail
 * can still set a new password.
 * @throws AppError `invalid_access_token`, `step_up_required` (with the level `phr`), `not_found`,
 * `last_credential`
 */
export async function removePassword(ctx: Dependencies, ref: SessionRef): Promise<void> {
  const { db, now } = ctx
  const { userId } = ref
  const isProven = ref.proven !== undefined && !isBelow(ref.proven.level, PHISHING_RESISTANT)
  const { pii, payload } = await describeChange(ctx, userId)
  const passkeys = sql`
    (SELECT count(*) FROM passkeys WHERE passkeys.user_id = ${userId} AND ${signsInAlone(rpIdOf(ctx.settings))})`
  const hasCode = sql`EXISTS (SELECT 1 FROM recovery_codes r WHERE r.user_id = ${userId} AND r.used_at IS NULL)`
  const isSafe = sql`(${passkeys} >= 2 OR (${passkeys} = 1 AND ${hasCode}))`
  const hasPassword = sql`user_id = ${userId} AND password_hash IS NOT NULL`
  const gone = { password_hash: null, changed_at: now, chain_began_at: null }
  const removed = recorded(
    ctx,
    withRows(
      credentialRow,
      sql`
        UPDATE credentials SET ${assignments(credentials, gone)}
        WHERE ${hasPassword} AND ${whereSessionLives(ref, now)} AND ${isSafe} AND ${whether(isProven)}
        RETURNING ${columnsOf(credentialRow)}`,
    ),
    { action: 'password.removed', outcome: 'success', subjectId: userId },
    { pii },
  )
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    present: withRows(credentialRow, sql`SELECT ${columnsOf(credentialRow)} FROM credentials WHERE ${hasPassword}`),
    removed,
    voided: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${removed.happened}`, ['reset']),
    told: orderMail(ctx, { template: 'password-removed', userId, payload, onlyIf: removed.happened }),
  })
  requireLive(ref, answers.live[0], now)
  if (!isProven) throw new AppError('step_up_required', { neededLevel: PHISHING_RESISTANT })
  if (answers.present.length === 0) throw new AppError('not_found')
  if (answers.removed.length === 0) throw new AppError('last_credential')
}
