import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OFFLINE } from '../../src/cli/wrangler.ts'

interface Build {
  readonly configPath: string
  /** Instead of the configuration's `main`. */
  readonly script?: string | undefined
  /** Keeps the names of functions. */
  readonly isReadable?: boolean
}

/** Builds what `wrangler deploy --minify` would upload, into `folder`. @throws Error that shows wrangler's output */
export function bundleWorker({ configPath, script, isReadable = false }: Build, folder: string): void {
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
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, '--outdir', folder], {
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  if (status !== 0) throw new Error(`no bundle of ${configPath}:\n${stdout}${stderr}`)
}
