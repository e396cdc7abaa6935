import { CLEAR_LINE } from './progress.ts'

/** The result of a command: one document for programs, and the same in words for people. */
export interface CommandResult {
  readonly document: object
  /** Lines, and tables as lists of rows. */
  readonly words: readonly (string | readonly object[])[]
  /**
   * 1 when the command ran but found a fault; 3 when it found none, but could not show who signed; 5 when
   * what it verified is older than the operator accepts, or signed by too few witnesses.
   */
  readonly exitCode?: 0 | 1 | 3 | 5
}

/** Prints a result, and sets the exit code of the process. */
export function print(
  { document, words, exitCode = 0 }: CommandResult,
  { json = false }: { json?: boolean | undefined },
) {
  if (json) say(JSON.stringify(document, null, 2))
  else for (const word of words) printWord(word)
  process.exitCode = exitCode
}

function printWord(word: string | readonly object[]): void {
  if (typeof word === 'string') say(word)
  else if (word.length === 0) say('none')
  else console.table(word)
}

/** @param line without a line feed */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/**
 * Prints a line to stderr. With `--json`, standard output then contains the document only. On a terminal, the
 * line replaces a progress bar that is shown.
 */
export function note(line: string): void {
  process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}${line}\n`)
}
