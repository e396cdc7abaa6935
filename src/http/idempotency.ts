import type { LazySchema } from '../core/answer-schema.ts'
import { AppError } from '../core/errors.ts'
import { claimKey, type KeptOutcome } from '../idempotency/claim-key.ts'
import { abandonKey, settleKey } from '../idempotency/settle-key.ts'
import type { HttpContext } from './environment.ts'

/** Printable ASCII, as a header can carry it. */
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/

interface OnceRoute {
  /** Method and pattern. */
  readonly route: string
}

/**
 * Answers a request so that it acts once, however often it is sent with the same `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header). What is kept is the outcome, and `handle` shapes it alike each
 * time. A refusal changed nothing and is not kept.
 */
export async function answerIdempotently(
  c: HttpContext,
  { route }: OnceRoute,
  handle: () => Promise<Response>,
): Promise<Response> {
  const idempotencyKey = readKey(c)
  if (idempotencyKey === undefined) return handle()
  const caller = c.get('principal')?.userId ?? 'anonymous'
  // A body that the route does not read has not been measured either.
  const body = c.get('bodyText') ?? ''
  const claimed = await claimKey(c.get('ctx'), { idempotencyKey, route, caller, body })
  if (claimed.kind === 'done') return replay(c, claimed.outcome, handle)
  const { claim } = claimed
  c.set('ctx', { ...c.get('ctx'), claim })
  try {
    const response = await handle()
    await settleKey(c.get('ctx'), claim, c.get('outcome')?.value)
    return response
  } catch (error) {
    const kept = await abandonKey(c.get('ctx'), claim)
    if (kept !== undefined) return replay(c, kept, handle)
    throw error
  }
}

/**
 * Calls the verb of a route that is `isIdempotent`, or gives the view that an earlier attempt has kept.
 * @param keptView reads what was kept: JSON, without personal data
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
