import { parseArgs } from 'node:util'

/** The command was asked for something that it cannot do: exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options']

/** The options that say where the data lies: with `npm run dev` on this machine, or deployed. */
export const PLACE_OPTIONS = {
  remote: { type: 'boolean' },
  'persist-to': { type: 'string' },
  env: { type: 'string', short: 'e' },
} as const

export interface PlaceChoice {
  readonly remote?: boolean | undefined
  readonly 'persist-to'?: string | undefined
  readonly env?: string | undefined
}

/**
 * Runs a command to its exit code: its own, 1 when it could not finish, or 2 for wrong usage. `--help` is answered
 * here. Errors are told in words, never as a stack.
 * @param main gets the command line and answers the exit code
 */
export async function runCommand(help: string, main: (argv: readonly string[]) => Promise<number>): Promise<void> {
  const argv = process.argv.slice(2)
  if (argv.includes('--help') || argv.includes('-h')) return say(help)
  process.exitCode = await exitCodeOf(() => main(argv))
}

async function exitCodeOf(command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      error instanceof UsageError ? `${message} --help explains.\n` : `Could not finish: ${message}\n`,
    )
    return error instanceof UsageError ? 2 : 1
  }
}

/** Reads a command line. @throws UsageError for an option that is not there, or lacks its value */
export function readCommandLine<const T extends NonNullable<Options>>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Finds the command that the first word names. @throws UsageError when there is none of that name */
export function chooseCommand<T>(commands: ReadonlyMap<string, T>, name: string | undefined): T {
  const command = name === undefined ? undefined : commands.get(name)
  if (command === undefined) throw new UsageError(`Name one command: ${[...commands.keys()].join(', ')}.`)
  return command
}

/** @throws UsageError when words are left over that the command does not know */
export function expectNoMore(words: readonly string[]): void {
  if (words[0] !== undefined) throw new UsageError(`Unexpected: ${words[0]}.`)
}

/** @param line without its line feed */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function sayTable(rows: readonly object[]): void {
  if (rows.length === 0) say('none')
  else console.table(rows)
}
