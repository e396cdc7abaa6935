import { createExecutionContext, SELF } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import files from '../../src/http/docs-ui/files.json' with { type: 'json' }
import worker from '../../src/index.ts'
import { call } from '../support/api.ts'

describe('the page /docs', () => {
  it('runs only its own scripts, from this origin, under its own policy (H1)', async () => {
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
  ])('has the cacheable file %s', async (name, type, part) => {
    const { status, headers, body } = await call(`/docs/${name}`)
    expect({ status, cache: headers.get('cache-control') }).toEqual({ status: 200, cache: 'public, max-age=3600' })
    expect(headers.get('content-type')).toContain(type)
    expect(headers.get('strict-transport-security')).not.toBeNull()
    expect(body).toContain(part)
  })

  const fetchFile = (name: string, headers: Record<string, string>, method = 'GET') =>
    SELF.fetch(`https://latchkey.test/docs/${name}`, { method, headers })

  it.each(['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'] as const)(
    'hands out %s packed to who takes it so, and unpacked to others: the same file',
    async (name) => {
      const answers = await Promise.all(
        [{}, { 'accept-encoding': 'gzip;q=0, br' }, { 'accept-encoding': 'br, gzip' }].map((headers) =>
          fetchFile(name, headers),
        ),
      )
      expect(answers.map(({ headers }) => headers.get('content-encoding'))).toEqual([null, null, 'gzip'])
      for (const answer of answers) {
        const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())
        expect(Buffer.from(digest).toString('hex')).toBe(files.sha256[name])
      }
    },
  )

  it.each(['GET', 'HEAD'])(
    '%s tells caches what a file depends on, with and without an origin (H2)',
    async (method) => {
      for (const origin of [undefined, 'https://unknown.example', 'https://app.example'])
        for (const known of [undefined, '*']) {
          const headers = {
            'accept-encoding': 'gzip',
            ...(origin !== undefined && { origin }),
            ...(known !== undefined && { 'if-none-match': known }),
          }
          const request = new Request('https://latchkey.test/docs/swagger-ui.css', { method, headers })
          const execution = createExecutionContext()
          const answer = await worker.fetch(request, { ...env, CORS_ORIGINS: 'https://app.example' } as Env, execution)
          const vary = answer.headers.get('vary')?.split(', ').sort()
          expect({ status: answer.status, vary }).toEqual({
            status: known === undefined ? 200 : 304,
            vary: ['Accept-Encoding', 'Origin'],
          })
          expect(answer.headers.get('access-control-allow-origin')).toBe(
            origin === 'https://app.example' ? origin : null,
          )
          await answer.arrayBuffer()
        }
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
  ])('serves no other file of the package: %s', async (path) => {
    expect((await call(path)).status).toBe(404)
  })
})
