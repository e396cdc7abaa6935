import * as z from 'zod'
import { named } from '../../core/answer-schema.ts'
import { route } from '../contract/contract.ts'
import type { Route } from '../contract/definition.ts'
import { buildDocument } from '../openapi/build-document.ts'

const documentView = named('OpenApiDocument', () => z.looseObject({ openapi: z.string() }))

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' }

/** The route that serves the OpenAPI document. @param allRoutes all routes, including this one */
export function getDocumentRoute(allRoutes: () => readonly Route[]): Route {
  // Built on the first request and then kept: it depends only on the code.
  let document: string | undefined
  return route({
    method: 'GET',
    path: '/openapi.json',
    id: 'getDocument',
    area: 'Discovery',
    access: 'public',
    summary: 'Get this OpenAPI document',
    answers: {
      200: {
        description: 'The document, in OpenAPI 3.1.',
        schema: documentView,
        raw: true,
        example: () => ({ openapi: '3.1.1' }),
      },
    },
    async handle(c) {
      document ??= JSON.stringify(buildDocument(allRoutes()))
      return c.body(document, 200, HEADERS)
    },
  })
}
