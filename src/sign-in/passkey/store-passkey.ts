import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording, TokenIssuing } from '../../context.ts'
import { provenByPasskey } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { isKnownCredential, MOST_PASSKEYS } from '../../storage/database/passkeys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { namingPasskey, withMethods, withSecondFactor } from '../../storage/database/session-methods.ts'
import { addProofToSession } from '../renew-session.ts'
import type { NewPasskeyRow } from './insert-passkey.ts'
import { canMailOwner, tooManyNewPasskeys } from './passkey-notice.ts'
import type { PasskeyAdded } from './passkey-views.ts'
import { stagePasskey } from './stage-passkey.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface StoredPasskey extends Omit<NewPasskeyRow, 'id' | 'userId'> {
  readonly turnsTwoStepOn: boolean
}

/**
 * Stores a verified passkey, in one batch. The session of the request gains the passkey, as it gains an
 * authenticator app, and ends with it: a thief may have added it. Of several requests at once, no more are
 * stored than the account may have, and each credential once.
 * @param ref from `onlyIfProven`
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `passkey_known`,
 * `passkey_limit`, `rate_limited`
 */
export async function storePasskey(
  ctx: Dependencies,
  ref: SessionRef,
  { turnsTwoStepOn, ...stored }: StoredPasskey,
): Promise<PasskeyAdded> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const { registered, isUvInitialized } = stored
  const staging = { passkey: { userId, ...stored }, turnsOn: turnsTwoStepOn, keptSession: sessionId }
  const { id, steps, isDone, show } = await stagePasskey(ctx, staging)
  const members = {
    is_known: computed.flag(isKnownCredential(registered.credentialId)),
    can_mail_owner: computed.flag(canMailOwner(userId, now)),
  } as const
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    obstacles: withRows(members, sql`SELECT ${columnsOf(members)}`),
    added: steps(mayAdd(ref, now)),
    raised: addProofToSession(ctx, ref, {
      amr: isUvInitialized ? withMethods(provenByPasskey) : withSecondFactor('pop'),
      onlyIf: isDone,
      passkey_id: namingPasskey(id),
    }),
  })
  requireLive(ref, answers.live[0], now)
  if (answers.raised.length > 0) return show()
  const [obstacles] = answers.obstacles
  if (obstacles?.is_known) throw new AppError('passkey_known')
  throw obstacles?.can_mail_owner ? new AppError('passkey_limit') : tooManyNewPasskeys()
}

/** SQL condition: the session is live, and the account has fewer passkeys than it may have. */
function mayAdd(ref: SessionRef, now: number): SQL {
  const ofUser = sql`SELECT count(*) FROM passkeys WHERE user_id = ${ref.userId} AND removed_at IS NULL`
  return sql`${whereSessionLives(ref, now)} AND (${ofUser}) < ${MOST_PASSKEYS}`
}
