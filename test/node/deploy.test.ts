import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Metafile } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from '../../scripts/build-worker.ts'
import { OFFLINE } from '../../src/cli/shared/wrangler.ts'

/**
 * KiB, compressed. Cloudflare takes 10 MiB; what is sent to every location should stay far from it. Some 4 of
 * them are the names that the files of a split bundle import from each other, 4 the special address ranges of
 * IANA (ipaddr.js), 3 the names and fingerprints of what the migrations make, 18 the log: its tree, its
 * notes, its public routes, and proofs, 7 the second step of a sign-in and of a step-up, 19 passkeys, 11 the
 * sign-in and sign-up by mail, 2 the enrolment without a session, 3 the policy of two factors, and 4 the way
 * back to applications.
 */
const BUNDLE_LIMIT = 496
/** The packed files of the /docs page, in addition. An isolate loads them only when they are requested. */
const DOCS_UI_LIMIT = 500
/**
 * The packed files of the pages, in addition: a script of each language, the screens, and the files of the
 * last two releases. An isolate loads one when it is requested.
 */
const PAGES_LIMIT = 90

/**
 * Function calls until the module is evaluated, 25,700 of them. An isolate starts while a client waits. Most
 * calls build schemas and routes. Code that comes near this limit should build its objects at the first
 * request.
 */
const START_UP_LIMIT = 26_060

/**
 * What an isolate evaluates only when it is needed. It is loaded with `import()`, and no `import` at the top
 * of a file that is loaded at start leads to it. One such line would undo that, and nothing but a slower
 * start would show it.
 */
const LOADED_LATER = [
  'src/operators/',
  'src/http/routes/admin/',
  'src/http/routes/account.ts',
  'src/http/routes/audit/',
  'src/tlog/merkle.ts',
  'src/tlog/tiles.ts',
  'src/http/routes/docs.ts',
  'src/http/routes/openapi.json.ts',
  'src/compliance/archive/checkpoint/get-published-checkpoint.ts',
  'src/pages/',
  'src/http/docs-ui/',
  'src/http/openapi/build-document.ts',
  'src/jobs/',
  'src/compliance/archive/log/archive-events.ts',
  'src/mail/words/',
  'node_modules/nodemailer/',
]

/** The step of `npm run deploy` after the build. */
const UPLOAD = ['deploy', 'dist/index.mjs', '--no-bundle', '--minify=false'] as const

/** The limit on a busy machine. */
const BUILD_MS = 60_000

let folder: string
let metafile: Metafile
let ours: ReturnType<typeof dryRun>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-deploy-'))
  const documented = /<!-- production:start -->\n```toml\n([\s\S]*?)```/.exec(readFileSync('docs/deploying.md', 'utf8'))
  writeFileSync(join(folder, 'wrangler.toml'), `${readFileSync('wrangler.toml', 'utf8')}\n${documented?.[1]}`)
  for (const name of ['src', 'node_modules', 'migrations', 'package.json'])
    symlinkSync(resolve(name), join(folder, name))
  metafile = await buildWorker({ outdir: join(folder, 'dist') })
  ours = dryRun('--env=', '--outdir', 'uploaded')
}, BUILD_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a dry run of the deployment', () => {
  it('builds a Worker that is small, with every binding', () => {
    const { printed, bindings } = ours
    const [, kib] = /gzip: ([\d.]+) KiB/.exec(printed) ?? []
    const packed = readdirSync(join(folder, 'uploaded')).filter((name) => name.endsWith('.gz'))
    const kibOf = (names: readonly string[]) =>
      names.reduce((sum, name) => sum + statSync(join(folder, 'uploaded', name)).size / 1024, 0)
    // The build puts a digest into the name.
    const docsFiles = readdirSync('src/http/docs-ui').filter((file) => file.endsWith('.gz'))
    const isOfDocs = (name: string) => docsFiles.some((file) => name.startsWith(file.slice(0, -'.gz'.length)))
    const docsUi = kibOf(packed.filter(isOfDocs))
    const pages = kibOf(packed.filter((name) => !isOfDocs(name)))
    expect(docsUi).toBeGreaterThan(0)
    expect(docsUi).toBeLessThan(DOCS_UI_LIMIT)
    expect(pages).toBeGreaterThan(0)
    expect(pages).toBeLessThan(PAGES_LIMIT)
    expect(Number(kib) - docsUi - pages).toBeLessThan(BUNDLE_LIMIT)
    expect(bindings).toEqual(expect.arrayContaining(['DB', 'VAULT', 'ARCHIVE', 'AUDIT_QUEUE', 'MAIL_QUEUE']))
  })

  it('has no static assets, whose router would come before every request', () => {
    expect(ours.printed).not.toMatch(/assets/i)
  })

  it('builds a Worker that starts with little work, and instantiates no WebAssembly before a request', () => {
    const calls = run(resolve('test/node/start-up.ts'), join(folder, 'uploaded/index.mjs'))
    expect(Number(calls)).toBeGreaterThan(1000)
    expect(Number(calls)).toBeLessThan(START_UP_LIMIT)
  })

  it('builds a Worker that loads rarely used modules when they are needed', () => {
    const { inputs } = metafile
    const names = Object.keys(inputs)
    const atStart = evaluatedAtStart(inputs)
    expect(LOADED_LATER.filter((start) => !names.some((name) => name.includes(start)))).toEqual([])
    expect(atStart.filter((name) => LOADED_LATER.some((start) => name.includes(start)))).toEqual([])
  })

  it('of the documented environment has the same bindings and variables: none of them inherits', () => {
    const documented = dryRun('--env', 'production').bindings
    expect(ours.bindings.filter((name) => !documented.includes(name))).toEqual([])
    expect(documented).toContain('MAIL_FROM')
  })
})

/** Everything that the entry imports at the top of its files. */
function evaluatedAtStart(inputs: Metafile['inputs']): string[] {
  const found = new Set(Object.keys(inputs).filter((name) => name.endsWith('src/index.ts')))
  for (const name of found)
    for (const { path, kind } of inputs[name]?.imports ?? []) if (kind !== 'dynamic-import') found.add(path)
  return [...found]
}

function dryRun(...args: string[]): { printed: string; bindings: string[] } {
  const printed = run(resolve('node_modules/wrangler/bin/wrangler.js'), ...UPLOAD, '--dry-run', ...args)
  return { printed, bindings: [...printed.matchAll(/^env\.(\w+) /gm)].map(([, name]) => name ?? '').sort() }
}

/** @returns the output of the script */
function run(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...OFFLINE },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}
