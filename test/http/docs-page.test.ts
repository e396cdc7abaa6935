import { SELF } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import files from '../../src/http/docs-ui/files.json' with { type: 'json' }
import { call } from '../support/api.ts'

describe('the page of the API', () => {
  it('runs only script of its own, from this origin, under a policy of its own (H1)', async () => {
    const { status, headers, body } = await call('/docs')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/html; charset=UTF-8')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(body).not.toMatch(/<script(?![^>]* src="\/docs\/)|style=|<style|https?:/)
  })

  it.each([
    ['swagger-ui-bundle.js', 'javascript', 'SwaggerUIBundle'],
    ['swagger-ui.css', 'css', '.dark-mode'],
    ['start.js', 'javascript', "url: '/openapi.json'"],
    ['page.css', 'css', '.dark-mode'],
  ])('comes with %s, cacheable', async (name, type, part) => {
    const { status, headers, body } = await call(`/docs/${name}`)
    expect({ status, cache: headers.get('cache-control') }).toEqual({ status: 200, cache: 'public, max-age=3600' })
    expect(headers.get('content-type')).toContain(type)
    expect(headers.get('strict-transport-security')).not.toBeNull()
    expect(body).toContain(part)
  })

  it.each(['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'])(
    'hands out %s packed to who takes it so, and unpacked to others: the same file',
    async (name) => {
      const [plain, packed] = await Promise.all(
        [{}, { 'accept-encoding': 'br, gzip' }].map((headers) =>
          SELF.fetch(`https://latchkey.test/docs/${name}`, { headers }),
        ),
      )
      expect(plain?.headers.get('content-encoding')).toBeNull()
      expect(packed?.headers.get('vary')).toContain('Accept-Encoding')
      const [expected, actual] = await Promise.all([plain?.arrayBuffer(), packed?.arrayBuffer()])
      const digest = Buffer.from(await crypto.subtle.digest('SHA-256', expected as ArrayBuffer)).toString('hex')
      expect(digest).toBe(files.sha256[name as keyof typeof files.sha256])
      expect(Buffer.from(actual as ArrayBuffer).equals(Buffer.from(expected as ArrayBuffer))).toBe(true)
    },
  )

  it('answers 304 for a file that the browser has', async () => {
    const first = await call('/docs/swagger-ui.css')
    const etag = first.headers.get('etag') ?? ''
    const second = await call('/docs/swagger-ui.css', { headers: { 'if-none-match': etag } })
    expect({ status: second.status, body: second.body }).toEqual({ status: 304, body: '' })
  })

  it.each([
    '/docs/index.html',
    '/docs/swagger-ui-bundle.js.map',
    '/docs/package.json',
    '/swagger-ui.css',
    '/index.html',
  ])('brings nothing else of that package along: %s', async (path) => {
    expect((await call(path)).status).toBe(404)
  })
})
