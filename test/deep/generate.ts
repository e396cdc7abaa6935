import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname

/** Installs the generators at the versions of test/deep/package-lock.json, unless they are installed. */
export function installGenerators(): void {
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the generators of clients were not installed')
}

/** The command line of each generator, with the address of the document of a running service. */
const generators = {
  'openapi-typescript': (document: string) => [document, '-o', 'dist/openapi-typescript/schema.ts'],
  'openapi-ts': (document: string) => ['-i', document, '-o', 'dist/hey-api', '--no-log-file'],
  orval: () => ['--config', 'orval.config.mjs', '--fail-on-warnings'],
}

export interface Outcome {
  readonly status: number | null
  readonly output: string
}

/** Writes the code of each generator to `dist`, from the document of the service at this origin. */
export function generateAll(origin: string): Record<string, Outcome> {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  return Object.fromEntries(
    Object.entries(generators).map(([name, argumentsFor]) => [
      name,
      runTool(name, argumentsFor(`${origin}/openapi.json`), { LATCHKEY_ORIGIN: origin }),
    ]),
  )
}

/** Runs a command of the generators' packages, in this folder. */
export function runTool(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
  const command = realpathSync(join(folder, 'node_modules', '.bin', name))
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], options)
  return { status, output: stdout + stderr }
}
