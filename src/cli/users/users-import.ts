/** Imports the users of another system from a file through the API, and continues after an interruption. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import * as z from 'zod'
import type { Operations } from '../../client/api.ts'
import { isProblem } from '../../client/problem.ts'
import { type CommandResult, note } from '../shared/command-result.ts'
import { type Progress, startProgress } from '../shared/progress.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type Chunk, chunksOf, MAX_USERS } from './chunks.ts'
import { type InspectedFile, inspectFile } from './inspect-file.ts'
import { type Operator, type OperatorChoice, signInOperator } from './operator.ts'
import { appendLines, dropTornLine, writePrivately } from './private-file.ts'
import { readLines } from './read-lines.ts'

const stateSchema = z.object({ import_id: z.uuid(), sha256: z.string().optional() })

/** Imports a file, or continues an interrupted import. @throws UsageError @throws ProblemError */
export async function usersImport(file: string, choice: OperatorChoice): Promise<CommandResult> {
  if (!existsSync(file)) throw new UsageError('Name a file that exists.')
  const inspected = await inspect(file)
  const opened = findOpened(file, inspected)
  const operator = await signInOperator(choice)
  try {
    const id = opened ?? (await startImport(operator, file, inspected))
    const sent = { file, id, inspected }
    await sendFile(operator, sent)
    return await finish(operator, sent)
  } finally {
    await operator.signOut()
  }
}

async function inspect(file: string): Promise<InspectedFile> {
  const progress = startProgress('bytes checked')
  const { size } = statSync(file)
  try {
    return await inspectFile(file, (bytes) => progress.show(bytes, size))
  } finally {
    progress.clear()
  }
}

/**
 * Finds the interrupted import of this file.
 * @throws UsageError when the file has changed, or when result files of another import exist: lines of two
 * files have the same numbers, so their results must not be mixed
 */
function findOpened(file: string, { sha256 }: InspectedFile): string | undefined {
  const path = `${file}.import`
  if (existsSync(path)) {
    const state = stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (state.sha256 !== undefined && state.sha256 !== sha256)
      throw new UsageError(`${file} has changed since its import began, so its line numbers may be wrong.`)
    return state.import_id
  }
  const old = [`${file}.ids`, `${file}.refused`].find((result) => existsSync(result))
  if (old !== undefined) throw new UsageError(`${old} of another import exists: move it away first.`)
  return undefined
}

async function startImport({ ask, reason }: Operator, file: string, { sha256 }: InspectedFile): Promise<string> {
  const { id } = await ask((client) => client.call('startImport', { body: { reason } }))
  writePrivately(`${file}.import`, `${JSON.stringify({ import_id: id, sha256 })}\n`)
  return id
}

interface SentFile {
  readonly file: string
  readonly id: string
  readonly inspected: InspectedFile
}

async function sendFile(operator: Operator, sent: SentFile): Promise<void> {
  const { file, id } = sent
  const { next_line, finished_at } = await operator.ask((client) => client.call('getImport', { params: { id } }))
  if (finished_at !== null) return
  if (next_line > 1) note(`Continuing with line ${next_line}.`)
  dropTornLine(`${file}.ids`)
  const progress = startProgress('lines')
  try {
    // The last answer, with its new ids, may have been lost. Its lines are sent once more.
    for await (const chunk of chunksOf(readLines(file), Math.max(1, next_line - MAX_USERS)))
      await sendChunk(operator, { ...sent, chunk, progress })
  } finally {
    progress.clear()
  }
}

type ImportedLines = Operations['importUsers']['body']['users']

interface FileChunk extends SentFile {
  readonly chunk: Chunk
  readonly progress: Progress
}

async function sendChunk({ ask, reason }: Operator, { file, id, chunk, inspected, progress }: FileChunk) {
  // The type of the lines is not checked here, because the service validates each line.
  const users = chunk.users as ImportedLines
  const body = { reason, first_line: chunk.firstLine, users }
  const { imported, next_line } = await ask((client) => client.call('importUsers', { params: { id }, body }))
  appendLines(`${file}.ids`, imported)
  progress.show(next_line - 1, inspected.lines)
}

async function finish({ ask, reason }: Operator, { file, id, inspected }: SentFile): Promise<CommandResult> {
  await ask(async (client) => {
    try {
      await client.call('finishImport', { params: { id }, body: { reason } })
    } catch (error) {
      // An earlier attempt finished the import, and its answer was lost.
      if (!isProblem(error, 'state_conflict')) throw error
    }
  })
  const { imported, refused } = await ask((client) => client.call('getImport', { params: { id } }))
  writePrivately(`${file}.refused`, '')
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const query: { cursor: string; limit: string } = { cursor, limit: '500' }
    const page = await ask((client) => client.call('getImport', { params: { id }, query }))
    // The service does not know why a line was sent as null, so the reason is added here.
    const lines = page.refusals.map((line) => ({ ...line, code: inspected.faults.get(line.line) ?? line.code }))
    appendLines(`${file}.refused`, lines)
    cursor = page.next_cursor
  }
  rmSync(`${file}.import`)
  const refusals = refused === 0 ? '.' : `: see ${file}.refused`
  return {
    document: { import_id: id, imported, refused },
    words: [`${imported} users were imported. ${refused} lines were refused${refusals}`],
    exitCode: refused === 0 ? 0 : 1,
  }
}
