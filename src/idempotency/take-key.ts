import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { IdempotencyKey } from '../core/idempotency-key.ts'
import { blindIndex } from '../crypto/blind-index.ts'
import { readIdempotencyKey, releaseIdempotencyKey, takeIdempotencyKey } from '../storage/database/idempotency-keys.ts'

/** A request with an `Idempotency-Key`. */
export interface IdempotentRequest {
  /** The value of the header. */
  readonly headerValue: string
  /** Method and path pattern. */
  readonly route: string
  /** A user id, or `anonymous`. */
  readonly caller: string
  /** The text as it was sent. */
  readonly body: string
}

/** The stored outcome of an earlier attempt with the same key. */
export interface KeptOutcome {
  readonly value: unknown
}

export type TakenKey =
  | { readonly kind: 'mine'; readonly key: IdempotencyKey }
  | { readonly kind: 'done'; readonly outcome: KeptOutcome }

type Dependencies = Pick<Context, 'db' | 'ring' | 'now' | 'defer'>

/**
 * Takes an idempotency key for this request, so that only one of several requests with the same key acts. If
 * its attempt is aborted, the key is free again after a minute.
 * @throws AppError `idempotency_key_reused`, `request_in_progress`
 */
export async function takeKey(ctx: Dependencies, request: IdempotentRequest): Promise<TakenKey> {
  const key = await fingerprintKey(ctx, request)
  const row = (await take(ctx, key)).known[0]
  if (row === undefined) throw new AppError('unavailable')
  if (row.request_hash !== key.requestHash) throw new AppError('idempotency_key_reused')
  if (row.is_done) return { kind: 'done', outcome: { value: row.outcome } }
  if (row.nonce !== key.nonce) throw new AppError('request_in_progress')
  return { kind: 'mine', key }
}

/**
 * If the reply of the database was lost, this request may hold the key without knowing it. Release the key,
 * so that a retry can take it. An AppError means that the key was not taken.
 */
async function take({ db, now, defer }: Dependencies, key: IdempotencyKey) {
  try {
    return await db.batch({ taken: takeIdempotencyKey(key, now), known: readIdempotencyKey(key) })
  } catch (error) {
    if (!(error instanceof AppError)) defer(db.batch({ released: releaseIdempotencyKey(key) }).catch(() => undefined))
    throw error
  }
}

/**
 * Fingerprints the key and the request as JSON, so that two different requests never produce the same text.
 */
async function fingerprintKey({ ring }: Dependencies, request: IdempotentRequest): Promise<IdempotencyKey> {
  const { headerValue, route, caller, body } = request
  const parts = [headerValue, route, caller]
  const [key, requestHash] = await Promise.all([
    blindIndex(ring.newest, 'retryIndex', JSON.stringify(parts)),
    blindIndex(ring.newest, 'retryIndex', JSON.stringify([...parts, body])),
  ])
  return { key, requestHash, nonce: crypto.randomUUID(), isKeptByVerb: false }
}
