import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import { endPauses } from '../../compliance/erasure/claim-erasure.ts'
import { openRun } from '../../compliance/job-runs.ts'
import type { JobName } from '../../core/job-name.ts'
import { parseJson } from '../../core/json.ts'
import { newOutbox } from '../../core/ports.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import { answerSteps, type BatchRows, type Steps, statementsOf } from '../../storage/database/batch.ts'
import type { Recorder } from '../../storage/database/outbox.ts'
import { type Runnable, Statement } from '../../storage/database/statement.ts'
import { runWrangler } from './wrangler.ts'

/** The database of a command: the local one of `latchkey dev`, or the deployed one. */
export interface D1Target {
  readonly remote: boolean
  readonly persistTo: string | undefined
  readonly environment: string | undefined
}

export type D1Row = Readonly<Record<string, string | number | null>>

const answerSchema = z.array(
  z.object({ results: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))) }),
)

const failureSchema = z.object({ error: z.object({ text: z.string() }) })

/** How often a command asks a local database. Each time starts wrangler, which takes a second or more. */
const TRIES = 10

/**
 * What wrangler says while another process, such as the service of `npm run dev`, writes to the same local
 * database. The transaction was rolled back, so the statements can run again.
 */
const LOCKED = /SQLITE_BUSY|Failed to get session commit token/

/**
 * Runs statements in one call of `wrangler d1 execute`. It takes no parameters, so values must be made with
 * `literal`. A local database may be locked by the running service, so a command asks it up to ten times.
 * @returns the rows of each statement
 * @throws Error with the message of wrangler
 */
export async function executeSql(target: D1Target, statements: readonly string[]): Promise<D1Row[][]> {
  const tries = target.remote ? 1 : TRIES
  for (let tried = 1; ; tried++) {
    const answer = await executeOnce(target, statements)
    if (Array.isArray(answer)) return answer
    if (tried === tries || !LOCKED.test(answer)) throw new Error(answer)
  }
}

/** @returns the rows of each statement, or the message of wrangler */
async function executeOnce(target: D1Target, statements: readonly string[]): Promise<D1Row[][] | string> {
  const place = target.remote
    ? ['--remote']
    : ['--local', ...(target.persistTo ? ['--persist-to', target.persistTo] : [])]
  const environment = target.environment === undefined ? [] : ['--env', target.environment]
  const command = [
    'd1',
    'execute',
    'DB',
    ...place,
    ...environment,
    '--json',
    '--yes',
    '--command',
    statements.join(';\n'),
  ]
  const { exitCode, output } = await runWrangler(command)
  // wrangler may print warnings, such as "▲ [WARNING]", before its answer.
  const document = parseJson(output.slice(output.search(/^[[{]/m)))
  const parsed = answerSchema.safeParse(document)
  if (exitCode === 0 && parsed.success) return parsed.data.map(({ results }) => results)
  return failureSchema.safeParse(document).data?.error.text ?? output.trim()
}

/** Opens a run of each job, unless one is open. The next housekeeping of the Worker continues it. */
export async function requestRuns(target: D1Target, ...jobs: readonly JobName[]): Promise<void> {
  const ctx = { now: Date.now() }
  await executeSteps(target, {
    opened: jobs.map((job) => openRun(ctx, job)),
    unpaused: jobs.includes('purge') ? endPauses(ctx) : undefined,
  })
}

/** Runs steps of the service in one call. @returns the rows of each step, by its name */
export async function executeSteps<const Named extends Steps>(
  target: D1Target,
  steps: Named,
): Promise<BatchRows<Named>> {
  const results = await executeSql(target, textsOf(steps))
  // wrangler does not report how many rows a statement changed.
  return answerSteps(
    steps,
    results.map((rows) => ({ rows, changed: 0 })),
  )
}

/** An SQL text literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const dialect = new SQLiteAsyncDialect()

/** The text of a statement of the service, with its values as literals. */
export function toText(statement: Runnable): string {
  const query = statement instanceof Statement ? statement.query : statement
  if ('text' in query) throw new Error('a prepared statement has its values apart')
  return dialect.sqlToQuery(query.inlineParams()).sql
}

/** The texts of the statements of steps, in their order, with their values as literals. */
export const textsOf = (steps: Steps): string[] => statementsOf(steps).map(toText)

/** Records events of an operator's command. Their actor is the system, because no user is signed in. */
export const newRecorder = (seal: SealEvent): Recorder => ({
  requestId: crypto.randomUUID(),
  now: Date.now(),
  outbox: newOutbox(seal),
  actor: { type: 'system' },
})
