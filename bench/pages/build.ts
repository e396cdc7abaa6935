import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import { build } from 'vite'

/** A file as it is sent. */
export interface SentFile {
  readonly type: string
  readonly packed: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/**
 * Builds the page in a folder for production as Vite does by itself, and packs its files.
 * @returns by path, such as `/index.html`
 */
export async function buildPage(root: string): Promise<ReadonlyMap<string, SentFile>> {
  const outDir = mkdtempSync(join(tmpdir(), 'latchkey-bench-page-'))
  try {
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      plugins: [tailwindcss()],
      build: { outDir, emptyOutDir: true },
    })
    const paths = globSync('**/*.*', { cwd: outDir })
    return new Map(paths.map((path) => [`/${path}`, pack(join(outDir, path))]))
  } finally {
    rmSync(outDir, { recursive: true, force: true })
  }
}

function pack(path: string): SentFile {
  const type = TYPES[extname(path)]
  if (type === undefined) throw new Error(`a built page has a file of an unknown type: ${path}`)
  return { type, packed: gzipSync(readFileSync(path), { level: 9 }) }
}
