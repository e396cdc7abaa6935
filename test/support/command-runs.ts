import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runLatchkey as runMain } from '../../src/cli/main.ts'

/** The words after `latchkey`. */
export type CommandLine = readonly string[]

export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const COMMANDS = join(import.meta.dirname, '../../src/cli')

/** The path of `latchkey`, for a test that starts it in its own way. */
export const LATCHKEY = join(COMMANDS, 'latchkey.js')

/**
 * Runs `latchkey` in a process of its own.
 * @param input what the command reads from standard input
 */
export function runLatchkey(
  words: CommandLine,
  environment: Readonly<Record<string, string>> = {},
  input = '',
): CommandRun {
  const env = { ...process.env, ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, [LATCHKEY, ...words], { encoding: 'utf8', env, input })
  return { status, stdout, stderr }
}

/**
 * Runs `latchkey` in this process, which saves most of a second for each command. For commands that read no
 * standard input and start no program. One at a time, because the output of the process is replaced
 * meanwhile.
 */
export async function runLatchkeyHere(words: CommandLine): Promise<CommandRun> {
  const { exitCode } = process
  const run = { stdout: '', stderr: '' }
  const restore = [
    replaceWrite(process.stdout, (text) => (run.stdout += text)),
    replaceWrite(process.stderr, (text) => (run.stderr += text)),
  ]
  try {
    await runMain(words)
    return { ...run, status: Number(process.exitCode) }
  } finally {
    for (const undo of restore) undo()
    process.exitCode = exitCode
  }
}

function replaceWrite(stream: NodeJS.WriteStream, keep: (text: string) => void): () => void {
  const { write } = stream
  stream.write = (chunk: unknown) => {
    keep(String(chunk))
    return true
  }
  return () => {
    stream.write = write
  }
}

/**
 * Runs many commands that only parse their words, one after the other in one process. Starting a process
 * takes a third of a second, mostly for imports that all commands share.
 */
export function runCommandLines(lines: readonly CommandLine[]): CommandRun[] {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', RUN_ALL], {
    encoding: 'utf8',
    input: JSON.stringify(lines),
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const RUN_ALL = `
  import { readFileSync } from 'node:fs'
  import { runLatchkey } from '${pathToFileURL(join(COMMANDS, 'main.ts'))}'
  const { write } = process.stdout
  const runs = []
  for (const words of JSON.parse(readFileSync(0, 'utf8'))) {
    const run = { status: 0, stdout: '', stderr: '' }
    process.stdout.write = (text) => (run.stdout += text, true)
    process.stderr.write = (text) => (run.stderr += text, true)
    await runLatchkey(words)
    runs.push({ ...run, status: process.exitCode })
  }
  process.stdout.write = write
  process.exitCode = 0
  console.log(JSON.stringify(runs))
`
