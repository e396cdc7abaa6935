import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OFFLINE } from '../../src/cli/wrangler.ts'

/** KiB, compressed. Cloudflare takes 10 MiB; what is sent to every location should stay far from it. */
const BUNDLE_LIMIT = 350
/** The files of the /docs page, packed, on top of that: no isolate loads them unless it is asked for them. */
const DOCS_UI_LIMIT = 500

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
    const packed = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.gz'))
    const packedKib = packed.reduce((sum, name) => sum + statSync(join(folder, 'dist', name)).size / 1024, 0)
    expect(packedKib).toBeGreaterThan(0)
    expect(packedKib).toBeLessThan(DOCS_UI_LIMIT)
    expect(Number(kib) - packedKib).toBeLessThan(BUNDLE_LIMIT)
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
