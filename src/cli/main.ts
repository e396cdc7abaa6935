import { CommanderError } from '@commander-js/extra-typings'
import { newProgram } from './program.ts'
import { UnreadableError } from './shared/unreadable-error.ts'
import { UsageError } from './shared/usage-error.ts'

/**
 * Runs one command of `latchkey`, and sets the exit code of the process: that of the command, 1 when it
 * failed, 2 for wrong usage, or 4 when a verification was cut off. Errors are printed as one line without a
 * stack.
 * @param words the command line after `latchkey`
 */
export async function runLatchkey(words: readonly string[]): Promise<void> {
  process.exitCode = 0
  try {
    await newProgram().parseAsync([...words], { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error)
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof UsageError) return fail(`${message} --help explains.`, 2)
  return fail(`Could not finish: ${message}`, error instanceof UnreadableError ? 4 : 1)
}

/** Prints the library's message about a command line that it cannot read. */
function reportUsage({ code, exitCode, message }: CommanderError): number {
  // The help or the version was asked for.
  if (exitCode === 0) return 0
  // No command was named, and the library has printed the help to stderr.
  if (code === 'commander.help') return 2
  const [first = '', ...suggestions] = message.replace(/^error: /, '').split('\n')
  const sentence = `${first.slice(0, 1).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`
  return fail([sentence, ...suggestions, '--help explains.'].join(' '), 2)
}

function fail(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}
