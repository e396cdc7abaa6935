import { type Route, route } from '../route.ts'

const CACHEABLE = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' }

/** Routes that speak of all routes. @param allRoutes these among them */
export function documentationRoutes(allRoutes: () => readonly Route[]): readonly Route[] {
  // Made when it is first asked for, then kept: it depends on nothing but the code. What only the document needs is
  // loaded then as well, so that a starting isolate does not make its schemas.
  let document: string | undefined
  return [
    route({
      method: 'GET',
      path: '/openapi.json',
      access: 'public',
      async handle(c) {
        if (document === undefined) {
          const { buildDocument } = await import('../openapi/build-document.ts')
          document = JSON.stringify(buildDocument(allRoutes()))
        }
        return c.body(document, 200, CACHEABLE)
      },
    }),
  ]
}
