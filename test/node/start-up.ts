import { Session } from 'node:inspector/promises'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

// `node test/node/start-up.ts dist/index.mjs`: evaluates a built Worker as an isolate does at its start, and
// prints how many calls of functions in that folder this took. V8 counts them, so the number is the same on
// every machine.

/**
 * Modules that only workerd has. A WebAssembly module is an empty object here, so code that instantiates one
 * at start-up fails.
 */
const ABSENT = /^cloudflare:|\.wasm$/

registerHooks({
  resolve: (specifier, context, next) =>
    ABSENT.test(specifier) ? { url: `absent:${specifier}`, shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url.startsWith('absent:')
      ? { format: 'module', source: 'export default {}; export const connect = undefined', shortCircuit: true }
      : next(url, context),
})

const bundle = pathToFileURL(process.argv[2] ?? '').href
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
await import(bundle)
const { result } = await session.post('Profiler.takePreciseCoverage')
const folder = new URL('.', bundle).href
const functions = result.flatMap(({ url, functions }) => (url.startsWith(folder) ? functions : []))
const calls = functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0)
process.stdout.write(`${calls}\n`)
