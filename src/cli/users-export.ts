/** Writes all users to a file, over the API, and goes on where it stopped. */
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import * as z from 'zod'
import { expectNoMore, readCommandLine, runCommand, say, UsageError } from './command-line.ts'
import { OPERATOR_HELP, OPERATOR_OPTIONS, type Operator, signInOperator } from './moving/operator.ts'
import { appendLines, writePrivately } from './moving/private-file.ts'

const HELP = `Writes all users to a file, unmasked: for leaving again. It is recorded in the trail of each of them.

  npm run users:export -- FILE [OPTIONS]

FILE becomes NDJSON, one user a line, for its owner's eyes alone. FILE.place says how far it is: run the same command
again to go on after an interruption. docs/moving.md describes the lines.

  --with-password-hashes   also the password hashes, which take the pepper to be of any use
${OPERATOR_HELP}

Exit code 0: everybody is in the file. 1: it could not be done. 2: wrong usage.`

const placeSchema = z.object({ cursor: z.string().optional(), bytes: z.int() })
type Place = z.infer<typeof placeSchema>

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, {
    ...OPERATOR_OPTIONS,
    'with-password-hashes': { type: 'boolean', default: false },
  })
  const [file, ...others] = positionals
  expectNoMore(others)
  if (file === undefined) throw new UsageError('Name a file to write.')
  if (existsSync(file) && !existsSync(`${file}.place`)) throw new UsageError(`${file} is there already.`)
  const operator = await signInOperator(values)
  try {
    await writeUsers(operator, file, values['with-password-hashes'])
  } finally {
    await operator.signOut()
  }
  rmSync(`${file}.place`)
  say(`Everybody is in ${file}.`)
  return 0
}

async function writeUsers({ ask, reason }: Operator, file: string, with_password_hashes: boolean): Promise<void> {
  let place = openFile(file)
  do {
    const { cursor } = place
    const body = { reason, with_password_hashes, ...(cursor !== undefined && { cursor }) }
    const page = await ask((client) => client.call('exportUsers', { body }))
    appendLines(file, page.users)
    place = { bytes: statSync(file).size, ...(page.next_cursor !== null && { cursor: page.next_cursor }) }
    writePlace(file, place)
  } while (place.cursor !== undefined)
}

/** What was written after the place was noted is cut off: it comes again. */
function openFile(file: string): Place {
  if (existsSync(`${file}.place`)) {
    const place = placeSchema.parse(JSON.parse(readFileSync(`${file}.place`, 'utf8')))
    truncateSync(file, place.bytes)
    return place
  }
  writePlace(file, { bytes: 0 })
  writePrivately(file, '')
  return { bytes: 0 }
}

function writePlace(file: string, place: Place): void {
  writePrivately(`${file}.place`, `${JSON.stringify(place)}\n`)
}
