import { plainRoute, type Route } from '../contract/definition.ts'
import files from '../docs-ui/files.json' with { type: 'json' }
import type { HttpContext } from '../environment.ts'
import { servePacked } from '../packed.ts'

/**
 * Content security policy of the page. Swagger UI uses data URLs for its icons and runs only its own scripts.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const CACHE_CONTROL = 'public, max-age=3600'

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Latchkey API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/page.css">
<script defer src="/docs/swagger-ui-bundle.js"></script>
<script defer src="/docs/start.js"></script>
</head>
<body>
<noscript>This page needs JavaScript. The OpenAPI document is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<main id="docs"></main>
</body>
</html>
`

/**
 * Nothing is stored in the browser: an access token that a developer enters is lost when the page is closed.
 */
const START = `const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
})
`

/**
 * Corrects colours of Swagger UI whose contrast is below WCAG 1.4.3, in the dark and in the light scheme.
 * Hides the list of servers, because it would contain only this one.
 */
const SHEET = `body { margin: 0; background: #fff }
html.dark-mode body { background: #1c2022 }
noscript { display: block; padding: 2rem; font-family: sans-serif }
.swagger-ui .servers-title, .swagger-ui .servers { display: none }
.swagger-ui .opblock .opblock-summary-method, .swagger-ui .info .title small pre.version { color: #111; text-shadow: none }
html.dark-mode .swagger-ui .headers td { color: #e4e6e6 }
html.dark-mode .swagger-ui .info .title small pre.version { color: #fff }
html.dark-mode .swagger-ui .opblock .opblock-section-header .try-out__btn.cancel { color: #ff8080 }
html:not(.dark-mode) .swagger-ui .btn.authorize { color: #17744a; border-color: #17744a }
html:not(.dark-mode) .swagger-ui .btn.authorize svg { fill: #17744a }
html:not(.dark-mode) .swagger-ui .btn.execute { background-color: #2a69b8; border-color: #2a69b8 }
html:not(.dark-mode) .swagger-ui .btn.cancel { color: #b3261e }
html:not(.dark-mode) .swagger-ui .info a, html:not(.dark-mode) .swagger-ui .info .url { color: #2a69b8 }
html:not(.dark-mode) .swagger-ui .parameter__in { color: #555 }
html:not(.dark-mode) .swagger-ui .json-schema-2020-12-expand-deep-button { color: #444 }
html:not(.dark-mode) .swagger-ui .json-schema-2020-12__constraint--string { color: #111 }
`

const ours = { 'start.js': [START, 'text/javascript'], 'page.css': [SHEET, 'text/css'] } as const

/** Files of swagger-ui-dist, compressed. Each is loaded by the first request for it. */
const theirs = {
  'swagger-ui-bundle.js': ['text/javascript; charset=utf-8', () => import('../docs-ui/swagger-ui-bundle.js.gz')],
  'swagger-ui.css': ['text/css; charset=utf-8', () => import('../docs-ui/swagger-ui.css.gz')],
  'favicon-32x32.png': ['image/png', () => import('../docs-ui/favicon-32x32.png.gz')],
} as const

/** The page where a developer reads and tries the API. Everything on it is served by this service. */
export const docsPageRoutes: readonly Route[] = [
  plainRoute({
    method: 'GET',
    path: '/docs',
    access: 'public',
    handle: async (c) => c.html(PAGE, 200, { 'content-security-policy': POLICY }),
  }),
  ...Object.entries(ours).map(([name, [text, type]]) =>
    plainRoute({
      method: 'GET',
      path: `/docs/${name}`,
      access: 'public',
      handle: async (c) =>
        c.body(text, 200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': CACHE_CONTROL }),
    }),
  ),
  ...(Object.keys(theirs) as (keyof typeof theirs)[]).map((name) =>
    plainRoute({ method: 'GET', path: `/docs/${name}`, access: 'public', handle: (c) => serveTheirs(c, name) }),
  ),
]

async function serveTheirs(c: HttpContext, name: keyof typeof theirs): Promise<Response> {
  const [type, load] = theirs[name]
  // Weak, because the compressed and the unpacked file share it.
  const etag = `W/"${files.sha256[name].slice(0, 32)}"`
  return servePacked(c, { type, load, etag }, { 'cache-control': CACHE_CONTROL })
}
