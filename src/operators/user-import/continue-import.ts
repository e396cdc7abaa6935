import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { Outcome } from '../../core/audit-event.ts'
import { inChunks } from '../../core/chunks.ts'
import { AppError } from '../../core/errors.ts'
import { DAY_MS } from '../../core/time.ts'
import { type ErasureSeals, openErasureSeals } from '../../crypto/erasure-seal.ts'
import {
  adoptPasswords,
  insertImportedUser,
  type SealedUser,
  sealImportedUser,
} from '../../identity/user-import/insert-imported-user.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import {
  hasEveryRootKey,
  noteRootKeysInUse,
  refuseWithoutRootKeys,
  selectMissingRootKeys,
} from '../../storage/database/root-keys.ts'
import type { Runnable } from '../../storage/database/statement.ts'
import { type RefusalRow, selectImport, selectRefusals } from '../../storage/database/user-imports.ts'
import { assignments, insertInto } from '../../storage/database/writes.ts'
import { importRefusals, imports } from '../../storage/schema/index.ts'
import { type Operating, type OperatorRequest, operatorDetail } from '../operation.ts'
import type { ImportedLines } from './import-view.ts'
import { type AcceptableLine, type NumberedLine, numberLines, selectKnown, selectTaken } from './numbered-lines.ts'

/** Consecutive lines of one import, in order. */
export interface ImportLines extends Pick<OperatorRequest, 'reason'> {
  readonly importId: string
  /** Number of the first line of the request. Lines are numbered from 1. */
  readonly firstLine: number
  /** Parsed JSON, at most 50. */
  readonly users: readonly unknown[]
}

type Dependencies = Operating & Pick<Context, 'ring' | 'vault' | 'passwords' | 'settings'>

/**
 * Imports lines, all in one batch that also advances the import. Lines before the current position are not
 * processed again. The response reports their results, so a client that lost a response can send the same
 * lines again. When two requests send the same lines at once, one imports them and both report the results.
 * @throws AppError `not_found`; `state_conflict` when the import is finished or earlier lines are missing;
 * `unavailable` or `misconfigured` when nothing was changed
 */
export async function continueImport(ctx: Dependencies, request: ImportLines): Promise<ImportedLines> {
  const { importId, firstLine } = request
  const lines = await numberLines(ctx, request)
  const { missing, found, taken } = await ctx.db.batch({
    missing: selectMissingRootKeys(ctx.ring),
    found: selectImport(importId),
    taken: selectTaken(lines, ctx.now),
  })
  const [row] = found
  refuseWithoutRootKeys(missing)
  if (row === undefined || row.finished_at !== null || firstLine > row.next_line) {
    await ctx.db.batch({ record: recordLines(ctx, request, 'failure') })
    throw new AppError(row === undefined ? 'not_found' : 'state_conflict')
  }
  const open = lines.filter(({ line }) => line >= row.next_line)
  const judged = judge(open, new Set(taken.map(({ email_index }) => email_index)))
  const sealed = await inChunks(judged.accepted, (accepted) => sealImportedUser(ctx, accepted))
  await store(ctx, { request, lines, seenNextLine: row.next_line, sealed, refused: judged.refused })
  return await report(ctx, request, lines)
}

interface Judged {
  readonly accepted: readonly AcceptableLine[]
  readonly refused: readonly RefusalRow[]
}

/**
 * Refuses invalid lines and lines with a taken address before any key is created. Most refusals happen here,
 * so few unused keys are left in the vault.
 */
function judge(lines: readonly NumberedLine[], taken: Set<string>): Judged {
  const accepted: AcceptableLine[] = []
  const refused: RefusalRow[] = []
  for (const numbered of lines) {
    const { line } = numbered
    if (!('user' in numbered)) refused.push({ line, ...numbered.refusal })
    else if (numbered.indexes.some((index) => taken.has(index))) refused.push({ line, ...TAKEN })
    else {
      accepted.push(numbered)
      for (const index of numbered.indexes) taken.add(index)
    }
  }
  return { accepted, refused }
}

const TAKEN = { code: 'email_taken', member: 'email' } as const

interface Prepared {
  readonly request: ImportLines
  readonly lines: readonly NumberedLine[]
  readonly seenNextLine: number
  readonly sealed: readonly SealedUser[]
  readonly refused: readonly RefusalRow[]
}

/** Stores the lines only if the import is still at the position at which they were judged. */
async function store(ctx: Dependencies, prepared: Prepared): Promise<void> {
  const { request, lines, seenNextLine, sealed, refused } = prepared
  const { importId, firstLine } = request
  const { db, ring, now } = ctx
  const end = Math.max(seenNextLine, firstLine + lines.length)
  const isOpen = sql`${hasEveryRootKey(ring)} AND EXISTS (
    SELECT 1 FROM imports WHERE id = ${importId} AND finished_at IS NULL AND next_line = ${seenNextLine})`
  const hashes = await adoptPasswords(ctx, sealed)
  const seals = await openErasureSeals(ring)
  const { missing } = await db.batch({
    missing: selectMissingRootKeys(ring),
    users: sealed.map((user, i) => storeUser(ctx, user, { request, isOpen, seals, passwordHash: hashes[i] ?? null })),
    refusals: insertRefusals(importId, refused, isOpen),
    lateRefusals: insertLateRefusals(importId, sealed, isOpen),
    rootKeys: noteRootKeysInUse(ring, now),
    record: recordLines(ctx, request, 'success'),
    moved: sql`
      UPDATE imports SET ${assignments(imports, { next_line: end, updated_at: now })}
      WHERE id = ${importId} AND ${isOpen}`,
  })
  refuseWithoutRootKeys(missing)
}

interface StoredLine {
  readonly request: ImportLines
  readonly isOpen: SQL
  readonly seals: ErasureSeals
  readonly passwordHash: string | null
}

function storeUser(
  ctx: Dependencies,
  user: SealedUser,
  { request, isOpen, seals, passwordHash }: StoredLine,
): Runnable[] {
  const { status, isResetRequired, legalHold } = user.state
  const detail = {
    ...operatorDetail(ctx, request),
    import_id: request.importId,
    status,
    password_reset_required: isResetRequired,
    legal_hold: legalHold !== undefined,
  }
  const purgeAfterMs = ctx.now + ctx.settings.ERASURE_GRACE_DAYS * DAY_MS
  return [
    ...insertImportedUser(user, { passwordHash, now: ctx.now, purgeAfterMs, isOpen, seals }),
    recordEvent(
      ctx,
      { action: 'user.imported', outcome: 'success', subjectId: user.userId, detail },
      { onlyIf: sql`EXISTS (SELECT 1 FROM users WHERE id = ${user.userId}) AND ${isOpen}` },
    ),
  ]
}

const insertRefusals = (importId: string, refused: readonly RefusalRow[], isOpen: SQL): SQL =>
  insertInto(
    importRefusals,
    {
      import_id: importId,
      line: sql`value ->> 'line'`,
      code: sql`value ->> 'code'`,
      member: sql`value ->> 'member'`,
    },
    { from: sql`json_each(${JSON.stringify(refused)})`, onlyIf: isOpen },
  )

/** Refuses lines whose address was taken by another user after the lines were judged. */
function insertLateRefusals(importId: string, sealed: readonly SealedUser[], isOpen: SQL): SQL {
  const lines = sealed.map(({ line, userId }) => ({ line, id: userId }))
  return insertInto(
    importRefusals,
    { import_id: importId, line: sql`value ->> 'line'`, code: TAKEN.code, member: TAKEN.member },
    {
      from: sql`json_each(${JSON.stringify(lines)})`,
      onlyIf: sql`NOT EXISTS (SELECT 1 FROM users WHERE id = value ->> 'id') AND ${isOpen}`,
    },
  )
}

function recordLines(ctx: Dependencies, request: ImportLines, outcome: Outcome): Runnable {
  const { importId, firstLine, users } = request
  const detail = { ...operatorDetail(ctx, request), import_id: importId, first_line: firstLine, lines: users.length }
  return recordEvent(ctx, { action: 'import.continued', outcome, detail })
}

/** Reports the results of the lines, also when another request imported them. */
async function report(
  { db }: Dependencies,
  { importId, firstLine }: ImportLines,
  lines: readonly NumberedLine[],
): Promise<ImportedLines> {
  const { found, refused, known } = await db.batch({
    found: selectImport(importId),
    refused: selectRefusals({ importId, after: firstLine - 1, limit: lines.length }),
    known: selectKnown(lines),
  })
  const nextLine = found[0]?.next_line ?? firstLine
  const ids = new Set<string>(known.map(({ id }) => id))
  return {
    next_line: nextLine,
    imported: lines.flatMap(({ line, userIds }) => {
      const id = userIds.find((one) => ids.has(one))
      return line < nextLine && id !== undefined ? [{ line, id }] : []
    }),
    refused: refused.filter(({ line }) => line < firstLine + lines.length),
  }
}
