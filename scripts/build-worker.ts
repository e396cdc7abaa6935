// `npm run build`: bundles the Worker into `dist`, which `npm run deploy` uploads unchanged. Wrangler would
// bundle into one file. There esbuild puts every module that an `import()` can reach into a function, which
// V8 parses twice before it runs. With code splitting, modules that are loaded later are files of their own.
// Nothing else differs: docs/decisions/split-bundle.md.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, type Metafile } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

interface BuildOptions {
  readonly outdir: string
  /** Keeps function names and line breaks, for a profile. */
  readonly isReadable?: boolean
}

/**
 * Bundles the Worker with the settings of Wrangler and with code splitting. Empties the output folder first.
 */
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
    // Modules that the runtime provides.
    external: ['node:*', 'cloudflare:*', 'crypto'],
    conditions: ['workerd', 'worker', 'browser'],
    define: { 'process.env.NODE_ENV': '"production"', 'navigator.userAgent': '"Cloudflare-Workers"' },
    loader: { '.wasm': 'copy', '.gz': 'copy' },
    // Wrangler finds modules by this extension: see `rules` in wrangler.toml.
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
