import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** A task of `npm run generate` or `npm run bench`. */
export interface Task {
  readonly does: string
  /**
   * The commands to run one after the other. The options of the command line are appended to the last one.
   */
  readonly commands: readonly (readonly [string, ...string[]])[]
}

export type Tasks = Readonly<Record<string, Task>>

/**
 * Runs the commands of a task as child processes, until one of them fails.
 * @returns the exit code of the last command that ran
 */
export async function runTask({ commands }: Task, options: readonly string[] = []): Promise<number> {
  for (const [index, [program, ...words]] of commands.entries()) {
    const more = index === commands.length - 1 ? options : []
    const exitCode = await runProgram(program, [...words, ...more])
    if (exitCode !== 0) return exitCode
  }
  return 0
}

/** Runs a program. `node` is the Node that runs this script. @returns its exit code */
export async function runProgram(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program === 'node' ? process.execPath : program, words, { stdio: 'inherit' })
  // Ctrl-C reaches the whole process group. This process waits until the child has cleaned up.
  const wait = () => undefined
  process.on('SIGINT', wait)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', reject)
  child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  return promise.finally(() => process.off('SIGINT', wait))
}

/** Formats one line for each task, with its name in front. */
export function listTasks(tasks: Tasks): string {
  const width = Math.max(...Object.keys(tasks).map((name) => name.length))
  return Object.entries(tasks)
    .map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}\n`)
    .join('')
}
