import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OFFLINE } from '../../src/cli/wrangler.ts'

/** Builds what `wrangler deploy` would upload for this configuration file, into `folder`. @throws Error that shows wrangler's output */
export function bundleWorker(configPath: string, folder: string): void {
  const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin', 'wrangler.js')
  const args = [wrangler, 'deploy', '--dry-run', '--config', configPath, '--outdir', folder]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  if (status !== 0) throw new Error(`no bundle of ${configPath}:\n${stdout}${stderr}`)
}
