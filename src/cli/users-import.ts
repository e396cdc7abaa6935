/** Takes over the users of another system from a file, over the API, and goes on where it stopped. */
import { appendFileSync, createReadStream, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { isProblem } from '../client/problem.ts'
import { expectNoMore, readCommandLine, runCommand, say, UsageError } from './command-line.ts'
import { type Chunk, chunksOf, MAX_USERS } from './moving/chunks.ts'
import { OPERATOR_HELP, OPERATOR_OPTIONS, type Operator, signInOperator } from './moving/operator.ts'

const HELP = `Takes over the users of another system. docs/moving.md describes the lines and where to get them.

  npm run users:import -- FILE [OPTIONS]

FILE is NDJSON, one user a line. Beside it are written:

  FILE.import              which import this is; run the same command again to go on after an interruption
  FILE.ids                 NDJSON: the new id of the user of each line; after an interruption some come twice
  FILE.refused             NDJSON: the lines that were refused, and why

${OPERATOR_HELP}

Exit code 0: every line was taken over. 1: it could not be done, or lines were refused. 2: wrong usage.`

const stateSchema = z.object({ import_id: z.uuid() })

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, OPERATOR_OPTIONS)
  const [file, ...others] = positionals
  expectNoMore(others)
  if (file === undefined || !existsSync(file)) throw new UsageError('Name a file that exists.')
  const operator = await signInOperator(values)
  try {
    const id = await findImport(operator, file)
    await sendFile(operator, file, id)
    return await finish(operator, file, id)
  } finally {
    await operator.signOut()
  }
}

/** The import that this file belongs to: one that was interrupted, or a new one. */
async function findImport({ ask, reason }: Operator, file: string): Promise<string> {
  const path = `${file}.import`
  if (existsSync(path)) return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).import_id
  const { id } = await ask((client) => client.call('startImport', { body: { reason } }))
  writeFileSync(path, `${JSON.stringify({ import_id: id })}\n`)
  return id
}

async function sendFile(operator: Operator, file: string, id: string): Promise<void> {
  const { next_line } = await operator.ask((client) => client.call('getImport', { params: { id } }))
  if (next_line > 1) say(`Going on with line ${next_line}.`)
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  // The last answer may have been lost, and the new ids with it: those lines are sent once more.
  for await (const chunk of chunksOf(lines, Math.max(1, next_line - MAX_USERS)))
    await sendChunk(operator, { file, id, chunk })
}

interface FileChunk {
  readonly file: string
  readonly id: string
  readonly chunk: Chunk
}

async function sendChunk({ ask, reason }: Operator, { file, id, chunk }: FileChunk): Promise<void> {
  const body = { reason, first_line: chunk.firstLine, users: [...chunk.users] }
  const { imported, next_line } = await ask((client) => client.call('importUsers', { params: { id }, body }))
  appendFileSync(`${file}.ids`, imported.map((line) => `${JSON.stringify(line)}\n`).join(''))
  if ((next_line - 1) % 1000 < chunk.users.length || chunk.users.length < MAX_USERS) say(`${next_line - 1} lines`)
}

async function finish({ ask, reason }: Operator, file: string, id: string): Promise<number> {
  await ask(async (client) => {
    try {
      await client.call('finishImport', { params: { id }, body: { reason } })
    } catch (error) {
      // Finished already: by an attempt whose answer was lost.
      if (!isProblem(error, 'state_conflict')) throw error
    }
  })
  const { imported, refused } = await ask((client) => client.call('getImport', { params: { id } }))
  writeFileSync(`${file}.refused`, '')
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const query: { cursor: string; limit: string } = { cursor, limit: '500' }
    const page = await ask((client) => client.call('getImport', { params: { id }, query }))
    appendFileSync(`${file}.refused`, page.refusals.map((line) => `${JSON.stringify(line)}\n`).join(''))
    cursor = page.next_cursor
  }
  rmSync(`${file}.import`)
  say(`${imported} users are here. ${refused} lines were refused${refused === 0 ? '.' : `: see ${file}.refused`}`)
  return refused === 0 ? 0 : 1
}
