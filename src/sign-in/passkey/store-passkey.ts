import { type SQL, sql } from 'drizzle-orm'
import type { Context, Recording, TokenIssuing } from '../../context.ts'
import { provenByPasskey } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
import { DAY_MS } from '../../core/time.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { issueToken } from '../../storage/database/one-time-tokens.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { MOST_PASSKEYS } from '../../storage/database/passkeys.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { withMethods, withSecondFactor } from '../../storage/database/session-methods.ts'
import { nameAuthenticator } from '../name-authenticator.ts'
import { addProofToSession } from '../renew-session.ts'
import { turnTwoStepOn } from '../turn-two-step-on.ts'
import { insertPasskey, type NewPasskeyRow } from './insert-passkey.ts'
import type { PasskeyAdded } from './passkey-views.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface StoredPasskey extends Omit<NewPasskeyRow, 'id' | 'userId'> {
  readonly turnsTwoStepOn: boolean
}

const present = { is_known: computed.flag(sql`count(*) > 0`) } as const

/**
 * Stores a verified passkey, in one batch. The owner is mailed with a link that removes it for seven days.
 * The session of the request gains the passkey, as it gains an authenticator app. Of several requests at
 * once, no more are stored than the account may have, and each credential once.
 * @throws AppError `invalid_access_token`, `step_up_required`, `passkey_known`, `passkey_limit`
 */
export async function storePasskey(ctx: Dependencies, ref: SessionRef, stored: StoredPasskey): Promise<PasskeyAdded> {
  const { db, now } = ctx
  const { userId, sessionId } = ref
  const { key, registered, label, isUvInitialized } = stored
  const id = crypto.randomUUID()
  const lookup = { kind: 'found', key } as const
  const isStored = sql`EXISTS (SELECT 1 FROM passkeys WHERE id = ${id})`
  const [insertion, pii, payload, turned] = await Promise.all([
    insertPasskey(ctx, { id, userId, ...stored }, mayAdd(ref, now)),
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
    stored.turnsTwoStepOn
      ? turnTwoStepOn(ctx, { userId, lookup, onlyIf: isStored, keptSession: sessionId })
      : undefined,
  ])
  const isKnown = sql`SELECT ${columnsOf(present)} FROM passkeys WHERE credential_id = ${registered.credentialId}`
  const answers = await db.batch({
    live: selectLiveSession(ref, now),
    known: withRows(present, isKnown),
    added: recorded(
      ctx,
      insertion,
      { action: 'passkey.added', outcome: 'success', subjectId: userId, detail: { passkey_id: id } },
      { pii },
    ),
    raised: addProofToSession(ctx, ref, {
      amr: isUvInitialized ? withMethods(provenByPasskey) : withSecondFactor('pop'),
      onlyIf: isStored,
    }),
    ...turned?.steps,
    // The link has the id of the passkey, so no row has to name it.
    link: issueToken(
      { id, purpose: 'unkey', now, expiresAtMs: now + UNDO_PASSKEY_DAYS * DAY_MS },
      sql`u.id = ${userId} AND ${isStored}`,
    ),
    mailed: orderMail(ctx, { template: 'passkey-added', userId, payload, tokenId: id, onlyIf: isStored }),
  })
  requireLive(ref, answers.live[0], now)
  if (answers.raised.length === 0) throw new AppError(answers.known[0]?.is_known ? 'passkey_known' : 'passkey_limit')
  const codes = turned?.codes()
  const provider = await nameAuthenticator(registered.aaguid)
  return { id, name: label ?? null, provider, ...(codes && { recovery_codes: codes }) }
}

/** SQL condition: the session is live, and the account has fewer passkeys than it may have. */
function mayAdd(ref: SessionRef, now: number): SQL {
  const ofUser = sql`SELECT count(*) FROM passkeys WHERE user_id = ${ref.userId} AND removed_at IS NULL`
  return sql`${whereSessionLives(ref, now)} AND (${ofUser}) < ${MOST_PASSKEYS}`
}
