import { registerHooks } from 'node:module'
import type { Route } from '../src/http/contract/definition.ts'

/** The parts of a JSON Schema that these scripts read. */
export interface DocumentSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly DocumentSchema[]
  readonly oneOf?: readonly DocumentSchema[]
  readonly properties?: Readonly<Record<string, DocumentSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | DocumentSchema
  readonly items?: DocumentSchema
  readonly description?: string
}

type Content = Readonly<Record<string, { readonly schema: DocumentSchema; readonly examples?: object }>>

export interface DocumentOperation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: DocumentSchema
  }[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

export interface ApiDocument {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, DocumentSchema>>
    readonly examples: Readonly<Record<string, object>>
  }
}

/** Builds the OpenAPI document. */
export async function loadDocument(): Promise<ApiDocument> {
  const routes = await loadRoutes()
  const { buildDocument } = await import('../src/http/openapi/build-document.ts')
  return JSON.parse(JSON.stringify(buildDocument(routes)))
}

/** Loads every route in Node, which cannot import compiled WebAssembly modules. Nothing here needs them. */
export async function loadRoutes(): Promise<readonly Route[]> {
  registerHooks({
    load: (url, context, next) =>
      url.endsWith('.wasm')
        ? { format: 'module', source: 'export default {}', shortCircuit: true }
        : next(url, context),
  })
  const { routes } = await import('../src/app/all-routes.ts')
  return routes
}
