/** Writes all users to a file through the API, and continues after an interruption. */
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import * as z from 'zod'
import type { CommandResult } from '../shared/command-result.ts'
import { startProgress } from '../shared/progress.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type Operator, type OperatorChoice, signInOperator } from './operator.ts'
import { appendLines, writePrivately } from './private-file.ts'

const placeSchema = z.object({ cursor: z.string().optional(), bytes: z.int() })
type Place = z.infer<typeof placeSchema>

interface ExportChoice extends OperatorChoice {
  readonly withPasswordHashes?: true | undefined
  readonly withFactors?: true | undefined
}

/**
 * Exports all users to a file, or continues an interrupted export.
 * @throws UsageError
 * @throws ProblemError
 */
export async function usersExport(file: string, choice: ExportChoice): Promise<CommandResult> {
  if (existsSync(file) && !existsSync(`${file}.place`)) throw new UsageError(`${file} exists already.`)
  const operator = await signInOperator(choice)
  try {
    await writeUsers(operator, file, choice)
  } finally {
    await operator.signOut()
  }
  rmSync(`${file}.place`)
  return { document: { file }, words: [`All users are in ${file}.`] }
}

async function writeUsers({ ask, reason }: Operator, file: string, choice: ExportChoice): Promise<void> {
  const { withPasswordHashes = false, withFactors = false } = choice
  const progress = startProgress('users written')
  let place = openFile(file)
  let written = 0
  try {
    do {
      const { cursor } = place
      const secrets = { with_password_hashes: withPasswordHashes, with_factors: withFactors }
      const body = { reason, ...secrets, ...(cursor !== undefined && { cursor }) }
      const page = await ask((client) => client.call('exportUsers', { body }))
      appendLines(file, page.users)
      place = { bytes: statSync(file).size, ...(page.next_cursor !== null && { cursor: page.next_cursor }) }
      writePlace(file, place)
      written += page.users.length
      progress.show(written)
    } while (place.cursor !== undefined)
  } finally {
    progress.clear()
  }
}

/** Users that were written after the last saved place are cut off, because they are exported again. */
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
