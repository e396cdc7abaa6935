import type { LazySchema } from '../core/answer-schema.ts'
import { AppError } from '../core/errors.ts'
import { abandonKey, settleKey } from '../idempotency/settle-key.ts'
import { type KeptOutcome, takeKey } from '../idempotency/take-key.ts'
import type { HttpContext } from './environment.ts'

/** Printable ASCII, as a header can carry it. */
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/

interface IdempotentRoute {
  /** Method and path pattern. */
  readonly route: string
}

/**
 * Answers a request so that it acts only once, even if it is sent again with the same `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header). The outcome is stored, and `handle` shapes the same answer
 * from it each time. A refusal has changed nothing and is not stored.
 */
export async function answerIdempotently(
  c: HttpContext,
  { route }: IdempotentRoute,
  handle: () => Promise<Response>,
): Promise<Response> {
  const headerValue = readKey(c)
  if (headerValue === undefined) return handle()
  const caller = c.get('principal')?.userId ?? 'anonymous'
  // A route that does not read its body has not checked its length either, so the body is left out.
  const body = c.get('bodyText') ?? ''
  const taken = await takeKey(c.get('ctx'), { headerValue, route, caller, body })
  if (taken.kind === 'done') return replay(c, taken.outcome, handle)
  const { key } = taken
  c.set('ctx', { ...c.get('ctx'), idempotencyKey: key })
  try {
    const response = await handle()
    await settleKey(c.get('ctx'), key, c.get('outcome')?.value)
    return response
  } catch (error) {
    const kept = await abandonKey(c.get('ctx'), key)
    if (kept !== undefined) return replay(c, kept, handle)
    throw error
  }
}

/**
 * Calls the verb of a route that is `isIdempotent`, or returns the view that an earlier attempt has stored.
 * @param keptView reads the stored outcome: JSON without personal data
 */
export async function idempotent<View>(
  c: HttpContext,
  keptView: LazySchema<View>,
  verb: () => Promise<View>,
): Promise<View> {
  const kept = c.get('kept')
  if (kept !== undefined) return keptView.schema.parse(kept.value)
  const value = await verb()
  c.set('outcome', { value })
  return value
}

function replay(c: HttpContext, kept: KeptOutcome, handle: () => Promise<Response>): Promise<Response> {
  c.set('kept', kept)
  return handle()
}

/** @throws AppError `validation_failed` */
function readKey(c: HttpContext): string | undefined {
  const key = c.req.header('idempotency-key')
  if (key !== undefined && !KEY.test(key))
    throw new AppError('validation_failed', { detail: 'Idempotency-Key must have 1 to 64 printable ASCII characters.' })
  return key
}
