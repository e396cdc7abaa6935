/** What a command found or did: one document for programs, and the same in words for people. */
export interface CommandResult {
  readonly document: object
  /** Lines, and tables as lists of rows. */
  readonly words: readonly (string | readonly object[])[]
  /** 1: what was looked at is not as it should be. */
  readonly exitCode?: 0 | 1
}

/** Prints an answer, and sets the exit code of the process. */
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

/** @param line without its line feed */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What is no part of the answer, so that standard output stays one document with `--json`. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
