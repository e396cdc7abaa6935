import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type ApiDocument, type DocumentOperation, type DocumentSchema, loadDocument } from './load-document.ts'

// `npm run generate -- client`: writes the types of the client and the list of API paths from the OpenAPI
// document. `--check` writes nothing and fails when a file is out of date.
const HEADER = '// Written by `npm run generate -- client` from the OpenAPI document. Do not edit.\n'

const document = await loadDocument()
write('src/client/api.ts', writeModule(document))
write('src/core/api-path.ts', writePaths(document))

function write(path: string, source: string): void {
  const text = format(path, HEADER + source)
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) throw new Error(`${path} is out of date: npm run generate -- client`)
}

function writePaths({ paths }: ApiDocument): string {
  const union = Object.keys(paths).map((path) => `'${path}'`)
  return `/** Every path of the API. */\nexport type ApiPath = ${union.join(' | ')}\n`
}

function writeModule({ paths, components }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)}\n`)
  const codes = Object.keys(components.examples).map((code) => `'${code}'`)
  return [
    ...shapes,
    `/** Every problem code. */\nexport type ProblemCode = ${codes.join(' | ')}\n`,
    '/** The input and answer of each operation. */',
    `export interface Operations {\n${operations.map(({ operation }) => typeOfOperation(operation)).join('\n')}\n}\n`,
    "/** Method, path, and whether an access token is sent; `'optional'`: if there is one. */",
    `export const operations = {\n${operations.map(rowOf).join(',\n')}\n} as const satisfies Record<keyof Operations, readonly [string, string, boolean | 'optional']>\n`,
  ].join('\n')
}

interface Row {
  readonly path: string
  readonly method: string
  readonly operation: DocumentOperation
}

function rowOf({ path, method, operation: { operationId, security } }: Row): string {
  return `${operationId}: ['${method}', '${path}', ${sendsToken(security)}]`
}

function sendsToken(security: DocumentOperation['security']): string {
  if (security.every((one) => Object.keys(one).length > 0)) return 'true'
  return security.some((one) => 'bearer' in one) ? "'optional'" : 'false'
}

function typeOfOperation({ operationId, summary, parameters = [], requestBody, responses }: DocumentOperation): string {
  const placed = (place: string) => parameters.filter((parameter) => parameter.in === place)
  const body = requestBody?.content['application/json']?.schema
  const answers = Object.entries(responses)
    .filter(([status]) => status < '400')
    .map(([, { content }]) => (content ? typeOf(Object.values(content)[0]?.schema ?? {}) : 'undefined'))
  return `/** ${summary}. */
  ${operationId}: {
    ${body ? `body${requestBody?.required ? '' : '?'}: ${typeOf(body)}` : ''}
    ${membersOf('params', placed('path'))}
    ${membersOf('query', placed('query'))}
    answer: ${[...new Set(answers)].join(' | ')}
  }`
}

function membersOf(name: string, parameters: NonNullable<DocumentOperation['parameters']>): string {
  if (parameters.length === 0) return ''
  const members = parameters.map((one) => `'${one.name}'${one.required ? '' : '?'}: string`)
  return `${name}${parameters.some(({ required }) => required) ? '' : '?'}: { ${members.join('; ')} }`
}

function typeOf(schema: DocumentSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice('#/components/schemas/'.length)
  const options = schema.anyOf ?? schema.oneOf
  if (options) return options.map(typeOf).join(' | ')
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ')
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`
    case 'object':
      return typeOfObject(schema)
    default:
      return 'unknown'
  }
}

function typeOfObject({ properties, required = [], additionalProperties }: DocumentSchema): string {
  const members = Object.entries(properties ?? {}).map(
    ([name, schema]) => `'${name}'${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  const others = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'
  return additionalProperties === false
    ? `{ ${members.join('; ')} }`
    : `{ ${[...members, `[name: string]: ${others}`].join('; ')} }`
}

function format(path: string, source: string): string {
  const biome = join(createRequire(import.meta.url).resolve('@biomejs/biome/package.json'), '..', 'bin', 'biome')
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [biome, 'check', '--write', `--stdin-file-path=${path}`],
    {
      input: source,
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout
}
