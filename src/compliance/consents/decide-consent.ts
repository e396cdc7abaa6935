import type { Context } from '../../context.ts'
import type { ConsentDecision } from '../../core/consent.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { insertConsent, newestConsent } from '../../storage/database/consent-row.ts'
import { type SessionRef, selectLiveSession, whereSessionLives } from '../../storage/database/live-session.ts'
import { encryptClient, previousChangedARow, recordEvent } from '../../storage/outbox.ts'
import { type Consent, showConsent } from './consent.ts'

type Dependencies = Pick<Context, 'db' | 'vault' | 'actor' | 'client' | 'requestId' | 'now' | 'outbox'>

interface Decision {
  readonly document: string
  readonly version: string
  readonly decision: ConsentDecision
}

/**
 * Enters the signed-in person's decision into the ledger; repeating the newest one changes nothing.
 * @returns the newest decision about the document. @throws AppError `invalid_access_token`
 */
export async function decideConsent(ctx: Dependencies, ref: SessionRef, decision: Decision): Promise<Consent> {
  const { db, now } = ctx
  const { userId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const pii = await encryptClient(lookup, userId, ctx.client)
  const id = newTimeOrderedId(now)
  const consent = { ...decision, source: 'user' } as const
  const detail = { consent_id: id, decision: consent.decision, source: consent.source }
  const [, , live, newest] = await db.batch([
    insertConsent({ id, userId, consent, now, onlyIf: whereSessionLives(ref, now) }),
    recordEvent(
      ctx,
      { action: 'consent.decided', outcome: 'success', subjectId: userId, detail },
      { pii, onlyIf: previousChangedARow },
    ),
    selectLiveSession(ref, now),
    newestConsent(userId, consent.document),
  ])
  const [row] = newest
  if (live.length === 0 || row === undefined) throw new AppError('invalid_access_token')
  return showConsent(row)
}
