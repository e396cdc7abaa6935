import { type Schema, Validator } from '@cfworker/json-schema'
import { routes } from '../../src/app/all-routes.ts'
import { buildDocument } from '../../src/http/openapi/build-document.ts'

interface Described {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Schema; examples?: object }>> }>
  >
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly operationId: string
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly examples: object }
}

/** The OpenAPI document of the service. */
export const document = JSON.parse(JSON.stringify(buildDocument(routes))) as Document

const PREFIX = '#/components/schemas/'

const patterns = Object.keys(document.paths)
  .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{[a-z_]+\}/g, '[^/]+')}$`) }))
  // `/users/me` must match before `/users/{id}`.
  .sort((one, other) => Number(one.path.includes('{')) - Number(other.path.includes('{')))

const validators = new Map<string, Validator>()

/** The answers that were seen, as `<operationId> <status>`. */
export const answered = new Set<string>()

interface Given {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** Fails when the document does not describe the answer of a request. Paths without a route are skipped. */
export function assertDocumented(request: Request, { status, headers, body }: Given): void {
  const { pathname } = new URL(request.url)
  const path = patterns.find(({ pattern }) => pattern.test(pathname))?.path ?? ''
  const operation = document.paths[path]?.[request.method.toLowerCase()]
  if (operation === undefined) return
  const what = `${operation.operationId} ${status}`
  answered.add(what)
  const described = operation.responses[status]
  if (described === undefined) throw new Error(`undocumented: ${what} ${JSON.stringify(body)}`)
  const type = headers.get('content-type')?.split(';')[0]
  if (type === undefined || body === '') return
  const content = described.content?.[type]
  if (content === undefined) throw new Error(`undocumented: ${what} as ${type}`)
  if (!type.endsWith('json')) return
  const errors = complaintsAbout(body, validatorOf(what, content.schema))
  if (errors.length > 0) throw new Error(`not as documented: ${what} ${JSON.stringify(errors)}`)
  const { code } = body as { code?: string }
  if (status >= 400 && !(code !== undefined && code in (content.examples ?? {})))
    throw new Error(`undocumented: ${what} ${code}`)
}

function complaintsAbout(body: unknown, validator: Validator): readonly unknown[] {
  try {
    return validator.validate(body).errors
  } catch (error) {
    // The validator fails on a member whose name contains half a surrogate pair.
    if (error instanceof URIError) return []
    throw error
  }
}

function validatorOf(what: string, schema: Schema): Validator {
  const known = validators.get(what)
  if (known !== undefined) return known
  const made = new Validator(withoutReferences(schema), '2020-12')
  validators.set(what, made)
  return made
}

/** None of the schemas refers to itself. */
export function withoutReferences(schema: Schema): Schema {
  return JSON.parse(
    JSON.stringify(schema, (_, value) => {
      const reference: unknown = value?.$ref
      if (typeof reference !== 'string') return value
      return withoutReferences(document.components.schemas[reference.slice(PREFIX.length)] ?? {})
    }),
  )
}
