import { describe, expect, it } from 'vitest'
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
