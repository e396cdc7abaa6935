import { sql } from 'drizzle-orm'
import type { Context, Recording } from '../../context.ts'
import type { ConsentDecision } from '../../core/consent.ts'
import { refuseErased } from '../../core/data-key.ts'
import { AppError } from '../../core/errors.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { CONSENT_QUOTA, insertConsent, mayDecide, newestConsent } from '../../storage/database/consent-row.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { type SessionRef, selectLiveSession, whereSessionLives } from '../../storage/database/live-session.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { type Consent, showConsent } from './consent-view.ts'

interface Decision {
  readonly document: string
  readonly version: string
  readonly decision: ConsentDecision
}

/**
 * Records the signed-in person's decision in the ledger. Repeating the newest decision changes nothing.
 * @returns the newest decision about the document
 * @throws AppError `invalid_access_token`; `state_conflict` when the person has decisions about the maximum
 * number of documents; `rate_limited` when the person made too many decisions about the document within a day
 */
export async function decideConsent(
  ctx: Recording & Pick<Context, 'vault'>,
  ref: SessionRef,
  decision: Decision,
): Promise<Consent> {
  const { db, now } = ctx
  const { userId } = ref
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const pii = await encryptClient(ctx, lookup, userId)
  const id = newTimeOrderedId(now)
  const consent = { ...decision, source: 'user' } as const
  const detail = { consent_id: id, decision: consent.decision, source: consent.source }
  const {
    live,
    newest: [newest],
  } = await db.batch({
    decided: recorded(
      ctx,
      insertConsent({
        id,
        userId,
        consent,
        now,
        onlyIf: sql`${whereSessionLives(ref, now)} AND ${mayDecide(userId, consent.document, now)}`,
      }),
      { action: 'consent.decided', outcome: 'success', subjectId: userId, detail },
      { pii },
    ),
    live: selectLiveSession(ref, now),
    newest: newestConsent(userId, consent.document),
  })
  if (live.length === 0) throw new AppError('invalid_access_token')
  if (newest === undefined)
    throw new AppError('state_conflict', {
      detail: `The limit of ${CONSENT_QUOTA.documents} documents with decisions is reached.`,
    })
  if (newest.version !== consent.version || newest.decision !== consent.decision) throw tooManyToday()
  return showConsent(newest)
}

const DAY_SECONDS = 86_400

/** The quota has room again after a day at the latest. */
const tooManyToday = () =>
  new AppError('rate_limited', {
    quota: {
      name: 'document',
      count: CONSENT_QUOTA.decisionsADay,
      windowSeconds: DAY_SECONDS,
      resetSeconds: DAY_SECONDS,
    },
  })
