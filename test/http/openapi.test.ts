import { Validator } from '@cfworker/json-schema'
import { describe, expect, it } from 'vitest'
import { routes as allRoutes } from '../../src/http/app.ts'
import { referTo } from '../../src/http/openapi/json-schema.ts'
import { describedOperations } from '../../src/http/openapi/operation-of.ts'
import { problems } from '../../src/http/problem.ts'
import { call } from '../support/api.ts'
import { document, withoutReferences } from '../support/documented.ts'
import { isPage } from '../support/pages.ts'

const routes = allRoutes.filter(({ path }) => !isPage(path))
const operations = describedOperations(allRoutes)
const keys = routes.map(({ method, path }) => `${method} ${path}`)

const described = (method: string, path: string) =>
  document.paths[path.replace(/:([a-z_]+)/g, '{$1}')]?.[method.toLowerCase()]

describe('the document', () => {
  it('describes every route but pages for people, and nothing else', () => {
    expect([...operations.keys()].sort()).toEqual([...keys].sort())
    expect(Object.values(document.paths).flatMap((item) => Object.keys(item))).toHaveLength(keys.length)
  })

  it('is served as it is built, cacheable, under the headers of every response', async () => {
    const { status, headers, body } = await call('/openapi.json')
    expect({ status, body }).toEqual({ status: 200, body: document })
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('gives every operation an id of its own', () => {
    const ids = [...operations.values()].map(({ id }) => id)
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

  it('has an example for every problem, and refers to no other', () => {
    expect(Object.keys(document.components.examples).sort()).toEqual(Object.keys(problems).sort())
    const named = [...JSON.stringify(document.paths).matchAll(/#\/components\/examples\/(\w+)/g)].map(
      ([, code]) => code,
    )
    expect(named.filter((code) => !(code !== undefined && code in problems))).toEqual([])
  })

  it('has examples of bodies that the routes accept', () => {
    for (const route of routes.filter(({ body }) => body)) {
      const key = `${route.method} ${route.path}`
      expect(route.body?.safeParse(operations.get(key)?.body).error, key).toBeUndefined()
    }
  })

  it('has examples of answers that are as they say', () => {
    for (const [key, { answers }] of operations) {
      for (const [status, { schema, example }] of Object.entries(answers)) {
        if (schema === undefined) continue
        const { errors } = new Validator(withoutReferences(referTo(schema)), '2020-12').validate(example)
        expect(errors, `${key} ${status}`).toEqual([])
      }
    }
  })

  it('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(document)
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer.split('/').reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], document)
      expect(target, pointer).toBeDefined()
    }
  })
})
