import { createInterface } from 'node:readline'

/**
 * Asks a person for one line. The question goes to stderr, so that standard output has the result only.
 * @throws Error after Ctrl-C, Ctrl-D or the end of the input, so that the command can sign out first
 */
export function askLine(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, output, terminal: true, historySize: 0 })
    let typed: string | undefined
    lines.on('SIGINT', () => lines.close())
    lines.on('close', () => {
      if (typed !== undefined) return resolve(typed)
      output.write('\n')
      reject(new Error('stopped at the prompt'))
    })
    lines.question(question, (line) => {
      typed = line
      lines.close()
    })
  })
}

/** Whether a person can be asked: both the questions and the answers go through a terminal. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true
