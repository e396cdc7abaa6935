import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OFFLINE } from '../../src/cli/wrangler.ts'

/** KiB, compressed: the code, and everything. Cloudflare takes 10 MiB; what is sent to every location should stay far from it. */
const CODE_LIMIT = 350
const BUNDLE_LIMIT = 850

/**
 * Calls of functions until the module is evaluated, 31,700 of them: an isolate starts in front of a waiting client.
 * Most build schemas and routes. Whoever comes near it builds something that the first request could build, or never.
 */
const START_UP_LIMIT = 35_000

/** On a busy machine. */
const BUILD_MS = 60_000

let folder: string
let ours: ReturnType<typeof dryRun>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-deploy-'))
  const documented = /<!-- production:start -->\n```toml\n([\s\S]*?)```/.exec(readFileSync('docs/deploying.md', 'utf8'))
  writeFileSync(join(folder, 'wrangler.toml'), `${readFileSync('wrangler.toml', 'utf8')}\n${documented?.[1]}`)
  for (const name of ['src', 'node_modules', 'migrations', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
  ours = dryRun('--env=', '--outdir', 'dist')
}, BUILD_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a dry run of the deployment', () => {
  it('builds a Worker that is small, with every binding', () => {
    const { printed, bindings } = ours
    const [, kib] = /gzip: ([\d.]+) KiB/.exec(printed) ?? []
    expect(Number(kib)).toBeLessThan(BUNDLE_LIMIT)
    expect(gzipSync(readFileSync(join(folder, 'dist/index.js'))).length / 1024).toBeLessThan(CODE_LIMIT)
    expect(bindings).toEqual(expect.arrayContaining(['DB', 'VAULT', 'ARCHIVE', 'AUDIT_QUEUE', 'MAIL_QUEUE']))
  })

  it('has no static assets, whose router would come before every request', () => {
    expect(ours.printed).not.toMatch(/assets/i)
  })

  it('builds a Worker that starts with little work, and instantiates no WebAssembly before a request', () => {
    const calls = run(resolve('test/node/start-up.ts'), join(folder, 'dist/index.js'))
    expect(Number(calls)).toBeGreaterThan(1000)
    expect(Number(calls)).toBeLessThan(START_UP_LIMIT)
  })

  it('of the documented environment has the same bindings and variables: none of them inherits', () => {
    const documented = dryRun('--env', 'production').bindings
    expect(ours.bindings.filter((name) => !documented.includes(name))).toEqual([])
    expect(documented).toContain('MAIL_FROM')
  })
})

function dryRun(...args: string[]): { printed: string; bindings: string[] } {
  const printed = run(resolve('node_modules/wrangler/bin/wrangler.js'), 'deploy', '--dry-run', ...args)
  return { printed, bindings: [...printed.matchAll(/^env\.(\w+) /gm)].map(([, name]) => name ?? '').sort() }
}

/** @returns what the script printed */
function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}
