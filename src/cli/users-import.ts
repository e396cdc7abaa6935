/** Takes over the users of another system from a file, over the API, and goes on where it stopped. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import * as z from 'zod'
import type { Operations } from '../client/api.ts'
import { isProblem } from '../client/problem.ts'
import { expectNoMore, readCommandLine, runCommand, say, UsageError } from './command-line.ts'
import { type Chunk, chunksOf, MAX_USERS } from './moving/chunks.ts'
import { type InspectedFile, inspectFile } from './moving/inspect-file.ts'
import { OPERATOR_HELP, OPERATOR_OPTIONS, type Operator, signInOperator } from './moving/operator.ts'
import { appendLines, dropTornLine, writePrivately } from './moving/private-file.ts'
import { readLines } from './moving/read-lines.ts'

const HELP = `Takes over the users of another system. docs/moving.md describes the lines and where to get them.

  npm run users:import -- FILE [OPTIONS]

FILE is NDJSON in UTF-8, one user a line; all of it is looked through before any is sent. Beside it are written, for
its owner's eyes alone:

  FILE.import              which import this is; run the same command again to go on after an interruption
  FILE.ids                 NDJSON: the new id of the user of each line; after an interruption some come twice
  FILE.refused             NDJSON: the lines that were refused, and why

${OPERATOR_HELP}

Exit code 0: every line was taken over. 1: it could not be done, or lines were refused. 2: wrong usage.`

const stateSchema = z.object({ import_id: z.uuid(), sha256: z.string().optional() })

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, OPERATOR_OPTIONS)
  const [file, ...others] = positionals
  expectNoMore(others)
  if (file === undefined || !existsSync(file)) throw new UsageError('Name a file that exists.')
  const inspected = await inspectFile(file)
  const opened = findOpened(file, inspected)
  const operator = await signInOperator(values)
  try {
    const id = opened ?? (await startImport(operator, file, inspected))
    await sendFile(operator, file, id)
    return await finish(operator, { file, id, inspected })
  } finally {
    await operator.signOut()
  }
}

/**
 * The import of this file that was interrupted. @throws UsageError when the file is not the same any more, or when what
 * another import wrote would be mixed with this one's: lines of two files have the same numbers
 */
function findOpened(file: string, { sha256 }: InspectedFile): string | undefined {
  const path = `${file}.import`
  if (existsSync(path)) {
    const state = stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (state.sha256 !== undefined && state.sha256 !== sha256)
      throw new UsageError(`${file} has changed since its import began: the numbers of its lines are no longer right.`)
    return state.import_id
  }
  const old = [`${file}.ids`, `${file}.refused`].find((result) => existsSync(result))
  if (old !== undefined) throw new UsageError(`${old} is there already, of another import: move it away first.`)
  return undefined
}

async function startImport({ ask, reason }: Operator, file: string, { sha256 }: InspectedFile): Promise<string> {
  const { id } = await ask((client) => client.call('startImport', { body: { reason } }))
  writePrivately(`${file}.import`, `${JSON.stringify({ import_id: id, sha256 })}\n`)
  return id
}

async function sendFile(operator: Operator, file: string, id: string): Promise<void> {
  const { next_line, finished_at } = await operator.ask((client) => client.call('getImport', { params: { id } }))
  if (finished_at !== null) return
  if (next_line > 1) say(`Going on with line ${next_line}.`)
  dropTornLine(`${file}.ids`)
  // The last answer may have been lost, and the new ids with it: those lines are sent once more.
  for await (const chunk of chunksOf(readLines(file), Math.max(1, next_line - MAX_USERS)))
    await sendChunk(operator, { file, id, chunk })
}

type ImportedLines = Operations['importUsers']['body']['users']

interface FileChunk {
  readonly file: string
  readonly id: string
  readonly chunk: Chunk
}

async function sendChunk({ ask, reason }: Operator, { file, id, chunk }: FileChunk): Promise<void> {
  // The lines are whatever the file has; the service judges each of them.
  const users = chunk.users as ImportedLines
  const body = { reason, first_line: chunk.firstLine, users }
  const { imported, next_line } = await ask((client) => client.call('importUsers', { params: { id }, body }))
  appendLines(`${file}.ids`, imported)
  if ((next_line - 1) % 1000 < chunk.users.length || chunk.users.length < MAX_USERS) say(`${next_line - 1} lines`)
}

interface SentFile {
  readonly file: string
  readonly id: string
  readonly inspected: InspectedFile
}

async function finish({ ask, reason }: Operator, { file, id, inspected }: SentFile): Promise<number> {
  await ask(async (client) => {
    try {
      await client.call('finishImport', { params: { id }, body: { reason } })
    } catch (error) {
      // Finished already: by an attempt whose answer was lost.
      if (!isProblem(error, 'state_conflict')) throw error
    }
  })
  const { imported, refused } = await ask((client) => client.call('getImport', { params: { id } }))
  writePrivately(`${file}.refused`, '')
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const query: { cursor: string; limit: string } = { cursor, limit: '500' }
    const page = await ask((client) => client.call('getImport', { params: { id }, query }))
    // What was sent as null has its reason here alone.
    const lines = page.refusals.map((line) => ({ ...line, code: inspected.faults.get(line.line) ?? line.code }))
    appendLines(`${file}.refused`, lines)
    cursor = page.next_cursor
  }
  rmSync(`${file}.import`)
  say(`${imported} users are here. ${refused} lines were refused${refused === 0 ? '.' : `: see ${file}.refused`}`)
  return refused === 0 ? 0 : 1
}
