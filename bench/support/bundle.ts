import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { OFFLINE } from '../../src/cli/shared/wrangler.ts'

interface Build {
  readonly configPath: string
  /** Replaces `main` of the configuration. */
  readonly script?: string | undefined
  /** Keeps the names of functions. */
  readonly isReadable?: boolean
}

/**
 * Builds the upload of a project into `folder`: with the project's own script if it has one, otherwise as
 * `wrangler deploy --minify` does.
 * @throws Error that contains the output
 */
export function bundleWorker({ configPath, script, isReadable = false }: Build, folder: string): void {
  const own = join(dirname(configPath), 'scripts/build-worker.ts')
  if (script === undefined && existsSync(own)) {
    run(configPath, [own, '--outdir', resolve(folder), ...(isReadable ? ['--readable'] : [])])
    return
  }
  const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js')
  const args = [
    wrangler,
    'deploy',
    ...(script ? [script] : []),
    '--dry-run',
    `--minify=${!isReadable}`,
    '--config',
    configPath,
  ]
  run(configPath, [...args, '--outdir', folder])
}

function run(configPath: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  if (status !== 0) throw new Error(`no bundle of ${configPath}:\n${stdout}${stderr}`)
}
