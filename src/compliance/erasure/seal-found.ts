import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { SealedErasing } from '../../context.ts'
import { HOUR_MS } from '../../core/time.ts'
import { toHex, utf8 } from '../../crypto/encoding.ts'
import {
  type ErasureRequest,
  holdText,
  type LegalHold,
  openErasureSeals,
  requestText,
} from '../../crypto/erasure-seal.ts'
import { isReadableErasure, isReadableHold, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import { type Recorder, recordEvent } from '../../storage/database/outbox.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures, legalHolds } from '../../storage/schema/index.ts'
import { openStatements } from './open-statements.ts'

type Dependencies = Recorder & SealedErasing

/**
 * Where the vault keeps the time of the first run. It is not in the database, whose writers could reset it.
 */
const CUT_OVER = 'log/erasures-sealed'

/** The Worker of the version before may still run for so long, and its requests have no seal. */
const WINDOW_MS = HOUR_MS

const ROWS_PER_PAGE = 500
const PAGES_PER_RUN = 40

/**
 * Seals the erasure requests and the legal holds that the version before has left, once: the first run of the
 * cron begins, and an hour later nothing is sealed any more. Their number and the digest of their list are an
 * event. An operator who restores the database to a time before the first run, and so loses the seals,
 * deletes the object `log/erasures-sealed` from the vault; the next run then begins again.
 */
export async function sealFound(ctx: Dependencies): Promise<void> {
  const begunAt = await readCutOver(ctx)
  if (begunAt === undefined || ctx.now > begunAt + WINDOW_MS) return
  for (let page = 0; page < PAGES_PER_RUN; page++) if (!(await sealPage(ctx))) return
}

const schema = z.strictObject({ begun_at: z.int() })

/** @returns undefined for a statement that this service did not sign: then nothing is sealed */
async function readCutOver(ctx: Dependencies): Promise<number | undefined> {
  const existing = await ctx.vaultStatements.read(CUT_OVER)
  const text = existing ?? (await ctx.receipts.sign('latchkey-cutover+jws', { begun_at: ctx.now }))
  if (existing === undefined && !(await ctx.vaultStatements.create(CUT_OVER, text))) return await readCutOver(ctx)
  return schema.safeParse(await openStatements(ctx)('latchkey-cutover+jws', text)).data?.begun_at
}

/** @returns whether there may be more */
async function sealPage(ctx: Dependencies): Promise<boolean> {
  const { requests, holds } = await ctx.db.batch({ requests: selectRequests, holds: selectHolds })
  if (requests.length + holds.length === 0) return false
  const seals = await openErasureSeals(ctx.ring)
  const sealedRequests = requests.map((row) => ({ ...row, seal: seals.seal(requestText(row)) }))
  const sealedHolds = holds.map((row) => ({ ...row, seal: seals.seal(holdText(row)) }))
  const digest = await digestOf([...requests.map(requestText), ...holds.map(holdText)])
  await ctx.db.batch({
    requests: sealRequests(sealedRequests),
    holds: sealHolds(sealedHolds),
    record: recordEvent(ctx, {
      action: 'erasure.requests_sealed',
      outcome: 'success',
      detail: { requests: requests.length, holds: holds.length, digest },
    }),
  })
  return requests.length === ROWS_PER_PAGE || holds.length === ROWS_PER_PAGE
}

/** SHA-256 of the sealed texts, one a line, sorted; hexadecimal. */
async function digestOf(texts: readonly string[]): Promise<string> {
  const list = utf8(
    texts
      .toSorted()
      .map((text) => `${text}\n`)
      .join(''),
  )
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', list)))
}

const request = {
  user_id: erasures.userId,
  requested_at: erasures.requestedAt,
  due_at: erasures.dueAt,
  basis: erasures.basis,
} as const

/** Only requests of people who are deleted, or whose purge has begun. */
const selectRequests = withRows(
  request,
  sql`
    SELECT ${columnsOf(request)} FROM erasures
    WHERE ${isUnfinished} AND seal IS NULL AND ${isReadableErasure} AND (started_at IS NOT NULL OR EXISTS (
      SELECT 1 FROM users WHERE users.id = erasures.user_id AND users.status = 'deleted'))
    LIMIT ${ROWS_PER_PAGE}`,
)

const hold = { user_id: legalHolds.userId, reason: legalHolds.reason, placed_at: legalHolds.placedAt } as const

const selectHolds = withRows(
  hold,
  sql`
    SELECT ${columnsOf(hold)} FROM legal_holds
    WHERE seal IS NULL AND ${isReadableHold}
    LIMIT ${ROWS_PER_PAGE}`,
)

type Sealed<One> = One & { readonly seal: string }

/** Only rows that are still what was sealed. */
const sealRequests = (rows: readonly Sealed<ErasureRequest>[]) => sql`
  UPDATE erasures SET ${assignments(erasures, {
    refused_at: null,
    seal: sql`(SELECT value ->> 'seal' FROM json_each(${JSON.stringify(rows)}) WHERE value ->> 'user_id' = user_id)`,
  })}
  WHERE user_id IN (SELECT value ->> 'user_id' FROM json_each(${JSON.stringify(rows)})) AND ${isUnfinished}
    AND seal IS NULL AND EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(rows)}) WHERE value ->> 'user_id' = user_id
      AND value ->> 'requested_at' = requested_at AND value ->> 'due_at' = due_at AND value ->> 'basis' = basis)`

const sealHolds = (rows: readonly Sealed<LegalHold>[]) => sql`
  UPDATE legal_holds SET ${assignments(legalHolds, {
    seal: sql`(SELECT value ->> 'seal' FROM json_each(${JSON.stringify(rows)}) WHERE value ->> 'user_id' = user_id)`,
  })}
  WHERE user_id IN (SELECT value ->> 'user_id' FROM json_each(${JSON.stringify(rows)})) AND seal IS NULL AND EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(rows)}) WHERE value ->> 'user_id' = user_id
      AND value ->> 'reason' = reason AND value ->> 'placed_at' = placed_at)`
