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
import { MOST_PASSKEYS } from '../../storage/database/passkeys.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { namingPasskey, withMethods, withSecondFactor } from '../../storage/database/session-methods.ts'
import { addProofToSession } from '../renew-session.ts'
import type { NewPasskeyRow } from './insert-passkey.ts'
import type { PasskeyAdded } from './passkey-views.ts'
import { stagePasskey } from './stage-passkey.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface StoredPasskey extends Omit<NewPasskeyRow, 'id' | 'userId'> {
  readonly turnsTwoStepOn: boolean
}

const present = { is_known: computed.flag(sql`count(*) > 0`) } as const

/**
 * Stores a verified passkey, in one batch. The session of the request gains the passkey, as it gains an
 * authenticator app, and ends with it: a thief may have added it. Of several requests at once, no more are
 * stored than the account may have, and each credential once.
 * @param ref from `onlyIfProven`
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `passkey_known`,
 * `passkey_limit`
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
  const { steps, isDone, show } = await stagePasskey(ctx, staging)
  const isKnown = sql`SELECT ${columnsOf(present)} FROM passkeys WHERE credential_id = ${registered.credentialId}`
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    known: withRows(present, isKnown),
    added: steps(mayAdd(ref, now)),
    raised: addProofToSession(ctx, ref, {
      amr: isUvInitialized ? withMethods(provenByPasskey) : withSecondFactor('pop'),
      onlyIf: isDone,
    }),
  })
      passkey_id: namingPasskey(id),
  requireLive(ref, answers.live[0], now)
  if (answers.raised.length === 0) throw new AppError(answers.known[0]?.is_known ? 'passkey_known' : 'passkey_limit')
  return show()
}

/** SQL condition: the session is live, and the account has fewer passkeys than it may have. */
function mayAdd(ref: SessionRef, now: number): SQL {
  const ofUser = sql`SELECT count(*) FROM passkeys WHERE user_id = ${ref.userId} AND removed_at IS NULL`
  return sql`${whereSessionLives(ref, now)} AND (${ofUser}) < ${MOST_PASSKEYS}`
}
