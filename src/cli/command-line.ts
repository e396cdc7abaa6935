import { parseArgs } from 'node:util'

/** The command was asked for something that it cannot do: exit code 2. */
export class UsageError extends Error {}

type Options = NonNullable<Parameters<typeof parseArgs>[0]>['options']

/** Reads a command line. @throws UsageError for an option that is not there, or lacks its value */
export function readCommandLine<const T extends NonNullable<Options>>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Runs a command to its exit code: its own, or 2 for wrong usage, whose message goes to stderr. */
export async function exitCodeOf(command: () => Promise<number>): Promise<number> {
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

/** @param line without its line feed */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
