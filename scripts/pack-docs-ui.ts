// Packs the files of the installed swagger-ui-dist that the /docs page needs into src/http/docs-ui,
// compressed, as the Worker hands them out. Beside the Worker, as static assets, they would put a router in
// front of every request. `--check` writes nothing and exits with 1 when they are not those of the installed
// package.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

const NAMES = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'] as const
const MANIFEST = 'files.json'
/** Of Swagger UI, and of what its script contains. */
const LICENCES = ['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'] as const

/** Where the packed files live, absolute. */
export const DOCS_UI_DIRECTORY = join(import.meta.dirname, '../src/http/docs-ui')

const packageRoot = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const installed = (name: string): Buffer => readFileSync(join(packageRoot, name))

/** What the installed package contains: its version, and each file's digest. */
function describeInstalled(): string {
  const { version }: { version: string } = JSON.parse(installed('package.json').toString())
  const digests = NAMES.map((name) => [name, createHash('sha256').update(installed(name)).digest('hex')])
  return `${JSON.stringify({ swaggerUi: version, sha256: Object.fromEntries(digests) }, null, 2)}\n`
}

/** The names of the files in a folder that are missing, or not what the installed package contains. */
export function stalePackedFiles(directory: string): string[] {
  const has = (name: string, wanted: Buffer, read = (file: Buffer) => file) => {
    try {
      return read(readFileSync(join(directory, name))).equals(wanted)
    } catch {
      return false
    }
  }
  return [
    ...NAMES.filter((name) => !has(`${name}.gz`, installed(name), gunzipSync)),
    ...LICENCES.filter((name) => !has(licenceFile(name), installed(name))),
    ...(has(MANIFEST, Buffer.from(describeInstalled())) ? [] : [MANIFEST]),
  ]
}

const licenceFile = (name: string): string => (name.startsWith('swagger-ui') ? name : `${name}.swagger-ui`)

function pack(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const name of NAMES) writeFileSync(join(directory, `${name}.gz`), gzipSync(installed(name), { level: 9 }))
  writeFileSync(join(directory, MANIFEST), describeInstalled())
  for (const name of LICENCES) writeFileSync(join(directory, licenceFile(name)), installed(name))
}

function main(): void {
  const stale = stalePackedFiles(DOCS_UI_DIRECTORY)
  if (process.argv.includes('--check')) {
    for (const name of stale) process.stderr.write(`not what the installed swagger-ui-dist contains: ${name}\n`)
    process.exitCode = stale.length === 0 ? 0 : 1
    return
  }
  if (stale.length > 0) pack(DOCS_UI_DIRECTORY)
}

if (import.meta.main) main()
