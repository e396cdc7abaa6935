// `npm run build`: bundles the Worker into `dist`, which `npm run deploy` uploads as it is. Wrangler bundles
// into one file, and there esbuild puts every module that an `import()` can reach into a function, which V8
// reads twice before it runs. Split, what is loaded later is a file of its own, and nothing else changes:
// docs/decisions/split-bundle.md.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Metafile } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

interface BuildOptions {
  readonly outdir: string
  /** Keeps names and lines, for a profile. */
  readonly isReadable?: boolean
}

/** Bundles the Worker as Wrangler would, but for the split. Deletes what was in the folder. */
export async function buildWorker({ outdir, isReadable = false }: BuildOptions): Promise<Metafile> {
  rmSync(outdir, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/index.ts'],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2024',
    // What the runtime has itself.
    external: ['node:*', 'cloudflare:*', 'crypto'],
    conditions: ['workerd', 'worker', 'browser'],
    define: { 'process.env.NODE_ENV': '"production"', 'navigator.userAgent': '"Cloudflare-Workers"' },
    loader: { '.wasm': 'copy', '.gz': 'copy' },
    // Wrangler finds them by this ending: wrangler.toml, `rules`.
    outExtension: { '.js': '.mjs' },
    minify: !isReadable,
    sourcemap: true,
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { outdir: { type: 'string', default: join(ROOT, 'dist') }, readable: { type: 'boolean', default: false } },
  })
  await buildWorker({ outdir: values.outdir, isReadable: values.readable })
}
