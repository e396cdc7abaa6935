// Compresses the files of the installed swagger-ui-dist that the /docs page needs into src/http/docs-ui. The
// Worker serves them itself, because static assets would add a router in front of every request. `--check`
// writes nothing and exits with 1 when a file is not the one of the installed package.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

const NAMES = ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'] as const
const MANIFEST = 'files.json'
/** The licences of Swagger UI and of the code in its script. */
const LICENCES = ['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'] as const

/** The absolute path of the packed files. */
export const DOCS_UI_DIRECTORY = join(import.meta.dirname, '../src/http/docs-ui')

const packageRoot = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const installed = (name: string): Buffer => readFileSync(join(packageRoot, name))

/** Describes the installed package: its version and the digest of each file. */
function describeInstalled(): string {
  const { version }: { version: string } = JSON.parse(installed('package.json').toString())
  const digests = NAMES.map((name) => [name, createHash('sha256').update(installed(name)).digest('hex')])
  return `${JSON.stringify({ swaggerUi: version, sha256: Object.fromEntries(digests) }, null, 2)}\n`
}

/** Names the files in a folder that are missing, or differ from the installed package. */
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
