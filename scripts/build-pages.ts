// Writes the script and the style sheet of the account pages into src/pages/assets.ts, as text that the
// Worker serves. Running, testing and deploying the Worker then needs nothing but TypeScript. `--check`
// writes nothing and exits with 1 when that module is out of date.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

const PAGES = join(import.meta.dirname, '../src/pages')

/** The path of the generated module. */
export const ASSETS_MODULE = join(PAGES, 'assets.ts')

/** Builds the text of the generated module. The same source gives the same text. */
export async function buildAssets(): Promise<string> {
  const [script, qrScript, sheet] = await Promise.all([
    bundle('account.ts'),
    bundle('qr.ts', { minify: true, banner: { js: `/*!\n${licenceOf('uqr')}*/` } }),
    bundle('account.css'),
  ])
  return [
    '// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.',
    "import type { Asset } from './asset.ts'",
    ...moduleLines('script', 'js', script),
    ...moduleLines('qrScript', 'js', qrScript),
    ...moduleLines('sheet', 'css', sheet),
    '',
  ].join('\n')
}

/** The text of a package's licence, which its code must carry. */
const licenceOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../node_modules', name, 'LICENSE'), 'utf8')

/**
 * Bundles the entry and everything that it imports into one file. It is readable, so that a change can be
 * reviewed, except for the script that is almost only a package.
 */
async function bundle(entry: string, options: Pick<BuildOptions, 'minify' | 'banner'> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGES, 'browser', entry)],
    absWorkingDir: PAGES,
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
    // The tsconfig.json of the folder is for the type check only.
    tsconfigRaw: {},
    ...options,
  })
  return outputFiles.map(({ text }) => text).join('')
}

/** The name contains a digest of the content, so browsers may cache the file for ever. */
function moduleLines(name: string, extension: string, text: string): string[] {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const literal = text.replace(/[\\`]|\$\{/g, '\\$&')
  return [
    '',
    `export const ${name}: Asset = {`,
    `  path: '/account/${digest}.${extension}',`,
    `  text: \`${literal}\`,`,
    '}',
  ]
}

async function main(): Promise<number> {
  const wanted = await buildAssets()
  if (wanted === readIfPresent(ASSETS_MODULE)) return 0
  if (process.argv.includes('--check')) {
    process.stderr.write('src/pages/assets.ts is stale: npm run generate -- pages\n')
    return 1
  }
  writeFileSync(ASSETS_MODULE, wanted)
  return 0
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) process.exitCode = await main()
