import { loadDocument } from './load-document.ts'

// `npm run -s openapi > openapi.json`: the document that the service has at /openapi.json, without starting
// it.
process.stdout.write(`${JSON.stringify(await loadDocument(), null, 2)}\n`)
