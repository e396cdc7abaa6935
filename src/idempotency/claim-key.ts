import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { IdempotencyKey } from '../core/idempotency-key.ts'
import { blindIndex } from '../crypto/blind-index.ts'
import { claimIdempotencyKey, readIdempotencyKey, releaseIdempotencyKey } from '../storage/database/idempotency-keys.ts'

export interface RetryableRequest {
  readonly idempotencyKey: string
  /** Method and pattern. */
  readonly route: string
  /** A user id, or `anonymous`. */
  readonly caller: string
  /** As it was sent. */
  readonly body: string
}

/** What a retry finds: the outcome of the attempt that was first. */
export interface KeptOutcome {
  readonly value: unknown
}

export type Claimed =
  | { readonly kind: 'mine'; readonly claim: IdempotencyKey }
  | { readonly kind: 'done'; readonly outcome: KeptOutcome }

type Dependencies = Pick<Context, 'db' | 'ring' | 'now' | 'defer'>

/**
 * Makes one request of several with the same key the one that acts. One that died gives the key back after a
 * minute.
 * @throws AppError `idempotency_key_reused`, `request_in_progress`
 */
export async function claimKey(ctx: Dependencies, request: RetryableRequest): Promise<Claimed> {
  const claim = await nameClaim(ctx, request)
  const row = (await take(ctx, claim)).known[0]
  if (row === undefined) throw new AppError('unavailable')
  if (row.request_hash !== claim.requestHash) throw new AppError('idempotency_key_reused')
  if (row.is_done) return { kind: 'done', outcome: { value: row.outcome } }
  if (row.nonce !== claim.nonce) throw new AppError('request_in_progress')
  return { kind: 'mine', claim }
}

/**
 * A claim whose reply was lost is nobody's, and would stand in the way of the retry. A refusal claimed
 * nothing.
 */
async function take({ db, now, defer }: Dependencies, claim: IdempotencyKey) {
  try {
    return await db.batch({ taken: claimIdempotencyKey(claim, now), known: readIdempotencyKey(claim) })
  } catch (error) {
    if (!(error instanceof AppError)) defer(db.batch({ released: releaseIdempotencyKey(claim) }).catch(() => undefined))
    throw error
  }
}

/** As JSON, so that no two requests make one text. */
async function nameClaim({ ring }: Dependencies, request: RetryableRequest): Promise<IdempotencyKey> {
  const { idempotencyKey, route, caller, body } = request
  const parts = [idempotencyKey, route, caller]
  const [key, requestHash] = await Promise.all([
    blindIndex(ring.newest, 'retryIndex', JSON.stringify(parts)),
    blindIndex(ring.newest, 'retryIndex', JSON.stringify([...parts, body])),
  ])
  return { key, requestHash, nonce: crypto.randomUUID(), isKeptByVerb: false }
}
