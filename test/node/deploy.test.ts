import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OFFLINE } from '../../src/cli/wrangler.ts'

/** KiB, compressed. Cloudflare takes 10 MiB; what is sent to every location should stay far from it. */
const BUNDLE_LIMIT = 350

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-deploy-'))
  const documented = /<!-- production:start -->\n```toml\n([\s\S]*?)```/.exec(readFileSync('docs/deploying.md', 'utf8'))
  writeFileSync(join(folder, 'wrangler.toml'), `${readFileSync('wrangler.toml', 'utf8')}\n${documented?.[1]}`)
  for (const name of ['src', 'node_modules', 'migrations', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a dry run of the deployment', () => {
  it('builds a Worker that is small, with every binding', () => {
    const { printed, bindings } = dryRun('--env=')
    const [, kib] = /gzip: ([\d.]+) KiB/.exec(printed) ?? []
    expect(Number(kib)).toBeLessThan(BUNDLE_LIMIT)
    expect(bindings).toEqual(
      expect.arrayContaining(['DB', 'VAULT', 'ARCHIVE', 'DOCS_ASSETS', 'AUDIT_QUEUE', 'MAIL_QUEUE']),
    )
  })

  it('of the documented environment has the same bindings and variables: none of them inherits', () => {
    const ours = dryRun('--env=').bindings
    const documented = dryRun('--env', 'production').bindings
    expect(ours.filter((name) => !documented.includes(name))).toEqual([])
    expect(documented).toContain('MAIL_FROM')
  })
})

function dryRun(...args: string[]): { printed: string; bindings: string[] } {
  const wrangler = resolve('node_modules/wrangler/bin/wrangler.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [wrangler, 'deploy', '--dry-run', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return { printed: stdout, bindings: [...stdout.matchAll(/^env\.(\w+) /gm)].map(([, name]) => name ?? '').sort() }
}
