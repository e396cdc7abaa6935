import { CommanderError } from '@commander-js/extra-typings'
import { newProgram } from './program.ts'
import { UnreadableError } from './shared/unreadable-error.ts'
import { UsageError } from './shared/usage-error.ts'

/**
 * Runs one command of `latchkey`, and sets the exit code of the process: that of the command, 1 when it
 * failed, 2 for wrong usage, or 4 when a verification was cut off. Errors are printed as one line without a
 * stack. If the reader of the output closes it, as `head` does, the command finishes its work in silence,
 * with its own exit code: it leaves nothing half done, and no program that it has started.
 * @param words the command line after `latchkey`
 */
export async function runLatchkey(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(endOnFailedWrite)) stream.on('error', endOnFailedWrite)
  }
  process.exitCode = 0
  try {
    await newProgram().parseAsync([...words], { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

function endOnFailedWrite({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  // For example, the disk is full.
  fail(`Could not finish: ${message}`, 1)
  process.exit(1)
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
