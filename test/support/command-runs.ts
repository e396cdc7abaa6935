import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type CommandLine = readonly [command: string, args: readonly string[]]

export interface CommandRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const fileOf = (command: string): string => join(import.meta.dirname, `../../src/cli/${command}.ts`)

/** Runs a command of `src/cli` in a process of its own. */
export function runCommandLine(...[command, args, environment = {}]: [...CommandLine, Record<string, string>?]) {
  const env = { ...process.env, ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileOf(command), ...args], { encoding: 'utf8', env })
  return { status, stdout, stderr } satisfies CommandRun
}

/**
 * Runs many commands that only read their words, one after the other in one process: starting one takes half a second,
 * and most of that is what they all import. Each is loaded anew, so it reads its own words and sets its own exit code.
 */
export function runCommandLines(lines: readonly CommandLine[]): CommandRun[] {
  const urls = lines.map(([command, args], run) => [`${pathToFileURL(fileOf(command))}?run=${run}`, args])
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', RUN_ALL], {
    encoding: 'utf8',
    input: JSON.stringify(urls),
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const RUN_ALL = `
  import { readFileSync } from 'node:fs'
  const { write } = process.stdout
  const runs = []
  for (const [url, args] of JSON.parse(readFileSync(0, 'utf8'))) {
    const run = { status: 0, stdout: '', stderr: '' }
    process.argv = [process.execPath, url, ...args]
    process.exitCode = 0
    process.stdout.write = (text) => (run.stdout += text, true)
    process.stderr.write = (text) => (run.stderr += text, true)
    await import(url)
    runs.push({ ...run, status: process.exitCode })
  }
  process.stdout.write = write
  process.exitCode = 0
  console.log(JSON.stringify(runs))
`
