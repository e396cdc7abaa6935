import { loadDocument } from './load-document.ts'

// `npm run -s generate -- openapi > openapi.json`: prints the document of /openapi.json without starting the
// service.
process.stdout.write(`${JSON.stringify(await loadDocument(), null, 2)}\n`)
