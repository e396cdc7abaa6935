import { Validator } from '@cfworker/json-schema'
import { describe, expect, it } from 'vitest'
import { routes as allRoutes } from '../../src/app/all-routes.ts'
import type { ClientDetails } from '../../src/core/client-details.ts'
import { describeDevice } from '../../src/core/user-agent.ts'
import { examples } from '../../src/http/examples/examples.ts'
import { referTo } from '../../src/http/openapi/json-schema.ts'
import { problems } from '../../src/http/problem.ts'
import type { SessionList } from '../../src/sessions/session-view.ts'
import { call } from '../support/api.ts'
import { document, withoutReferences } from '../support/documented.ts'
import { isPage } from '../support/pages.ts'
import { s256 } from '../support/social.ts'

/** A path whose number of parts varies, which an OpenAPI document cannot describe. */
const isOpenEnded = (path: string) => path.endsWith('/*')

const routes = allRoutes.filter(({ path }) => !isPage(path) && !isOpenEnded(path))
const keys = routes.map(({ method, path }) => `${method} ${path}`)

const described = (method: string, path: string) =>
  document.paths[path.replace(/:([a-z_]+)/g, '{$1}')]?.[method.toLowerCase()]

describe('the OpenAPI document', () => {
  it('describes every route but pages for people and open-ended paths, and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{([a-z_]+)\}/g, ':$1')}`),
    )
    expect(described.sort()).toEqual([...keys].sort())
  })

  it('is served as it is built, cacheable, with the headers of every response', async () => {
    const { status, headers, body } = await call('/openapi.json')
    expect({ status, body }).toEqual({ status: 200, body: document })
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('gives every operation a unique id', () => {
    const ids = routes.map(({ operation }) => operation?.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'states for %s who may call it, as the route does',
    (_, { method, path, access }) => {
      const security = described(method, path)?.security
      if (access === 'public') expect(security?.[0]).toEqual({})
      else expect(security).toEqual([{ bearer: access.match(/admin|step-up/g) ?? [] }])
    },
  )

  it('has an example for every problem code, and refers only to these', () => {
    expect(Object.keys(document.components.examples).sort()).toEqual(Object.keys(problems).sort())
    const named = [...JSON.stringify(document.paths).matchAll(/#\/components\/examples\/(\w+)/g)].map(
      ([, code]) => code,
    )
    expect(named.filter((code) => !(code !== undefined && code in problems))).toEqual([])
  })

  it('has examples of bodies that the routes accept', () => {
    for (const { method, path, body, operation } of routes.filter(({ body }) => body)) {
      expect(body?.safeParse(operation?.example?.()).error, `${method} ${path}`).toBeUndefined()
    }
  })

  it('has examples of queries that the routes accept; a route without one requires no query', () => {
    for (const { method, path, query, operation } of routes.filter(({ query }) => query))
      expect(query?.safeParse(operation?.exampleQuery?.() ?? {}).error, `${method} ${path}`).toBeUndefined()
  })

  it('has examples whose parts match each other', async () => {
    const answer = routes.find(({ operation }) => operation?.id === 'listSessions')?.operation?.answers[200]
    const shown = (answer as { readonly example: () => SessionList }).example().sessions
    expect(shown.map(({ device }) => device)).toEqual(shown.map((session) => describeDevice(session as ClientDetails)))
    expect(await s256(examples.codeExchange().code_verifier)).toBe(examples.codeRequest.code_challenge)
  })

  it('has examples of answers that match their schemas', () => {
    for (const { method, path, operation } of routes) {
      for (const [status, answer] of Object.entries(operation?.answers ?? {})) {
        if (typeof answer === 'string' || answer.schema === undefined) continue
        const validator = new Validator(withoutReferences(referTo(answer.schema)), '2020-12')
        expect(validator.validate(answer.example?.()).errors, `${method} ${path} ${status}`).toEqual([])
      }
    }
  })

  it('contains everything that it refers to', () => {
    const text = JSON.stringify(document)
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document)
      expect(target, pointer).toBeDefined()
    }
  })
})
