import { CommanderError } from '@commander-js/extra-typings'
import { newProgram } from './program.ts'
import { UsageError } from './shared/usage-error.ts'

/**
 * Runs one command of `latchkey`, and sets the exit code of the process: the command's own, 1 when it could
 * not finish, or 2 for wrong usage. Errors are one line in words, never a stack.
 * @param words the command line behind `latchkey`
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
  return fail(`Could not finish: ${message}`, 1)
}

/** What the library says about a command line that it cannot read. */
function reportUsage({ code, exitCode, message }: CommanderError): number {
  // Help that was asked for, or the version.
  if (exitCode === 0) return 0
  // No command was named: the library has printed the help to stderr.
  if (code === 'commander.help') return 2
  const [first = '', ...suggestions] = message.replace(/^error: /, '').split('\n')
  const sentence = `${first.slice(0, 1).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`
  return fail([sentence, ...suggestions, '--help explains.'].join(' '), 2)
}

function fail(line: string, exitCode: number): number {
  process.stderr.write(`${line}\n`)
  return exitCode
}
