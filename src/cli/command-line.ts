/** Thrown for wrong usage: the message is shown and the exit code is 2. */
export class UsageError extends Error {}

/** Runs a command: exit code 0 or 1 by what it answers, 2 for wrong usage. Shows messages, never stacks. */
export async function runCommand(command: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await command()) ? 0 : 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
    process.exitCode = isUsage ? 2 : 1
  }
}

/** Prints a line. */
export const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
