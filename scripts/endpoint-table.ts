import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceBetween } from './between-markers.ts'
import {
  type ApiDocument,
  type DocumentOperation,
  type DocumentSchema,
  loadDocument,
  loadRoutes,
} from './load-document.ts'

// `npm run generate -- endpoints`: writes the table of docs/endpoints.md from the contracts. `--check` writes
// nothing and fails when the table is out of date.
const PAGE = join(import.meta.dirname, '../docs/endpoints.md')
const COLUMNS = ['method, path', 'does', 'access', 'takes', 'answers'] as const

/**
 * By operation id: the problem codes of its contract, beyond those that every operation of its kind can
 * answer.
 */
type OwnProblems = ReadonlyMap<string, readonly string[]>

async function loadOwnProblems(): Promise<OwnProblems> {
  const routes = await loadRoutes()
  return new Map(
    routes.flatMap(({ operation }) => (operation === undefined ? [] : [[operation.id, operation.problems ?? []]])),
  )
}

/** One table for each area of the API, in Markdown. */
function formatEndpoints({ paths, tags }: ApiDocument, own: OwnProblems): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  return tags
    .map(({ name, description }) => {
      const rows = operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map((endpoint) => toCells(endpoint, own))
      const table = [COLUMNS, COLUMNS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
      return `**${name}.** ${description}\n\n${table.join('\n')}`
    })
    .join('\n\n')
}

interface Endpoint {
  readonly path: string
  readonly method: string
  readonly operation: DocumentOperation
}

const toCells = ({ path, method, operation }: Endpoint, own: OwnProblems): readonly string[] => [
  `${method} \`${path.replace(/\{([a-z_]+)\}/g, ':$1')}\``,
  operation.summary,
  accessOf(operation),
  [bodyOf(operation), queryOf(operation)].filter(Boolean).join('; '),
  answersOf(operation, own.get(operation.operationId) ?? []),
]

/** The column `access`, in the words that the text above the table explains. */
function accessOf({ security }: DocumentOperation): string {
  const [first = {}, ...others] = security
  if (!('bearer' in first)) return ['public', ...others.flatMap(credentialsOf)].join(', or ')
  return first.bearer.length === 0 ? 'bearer' : first.bearer.join(', ')
}

const credentialsOf = (one: object): string[] =>
  Object.keys(one).map((name) => (name === 'bearer' ? name : 'the cookie'))

function bodyOf({ requestBody }: DocumentOperation): string {
  const schema = requestBody?.content['application/json']?.schema
  return schema === undefined ? '' : membersOf(schema).join(', ')
}

const membersOf = ({ properties = {}, required = [] }: DocumentSchema): string[] =>
  Object.keys(properties).map((name) => named(name, required.includes(name)))

function queryOf({ parameters = [] }: DocumentOperation): string {
  const members = parameters.filter((one) => one.in === 'query').map(({ name, required }) => named(name, required))
  return members.length === 0 ? '' : `query ${members.join(', ')}`
}

const named = (name: string, isRequired: boolean): string => `\`${name}${isRequired ? '' : '?'}\``

function answersOf({ responses }: DocumentOperation, own: readonly string[]): string {
  return Object.entries(responses)
    .flatMap(([status, { description }]) => {
      if (status < '400') return [`**${status}** ${description}`]
      const codes = own.filter((code) => description.includes(`\`${code}\``))
      return codes.length === 0 ? [] : [`**${status}** ${codes.map((code) => `\`${code}\``).join(', ')}`]
    })
    .join(' ')
}

if (import.meta.main) {
  const text = readFileSync(PAGE, 'utf8')
  const wanted = replaceBetween(text, 'endpoints', formatEndpoints(await loadDocument(), await loadOwnProblems()))
  if (wanted === undefined) throw new Error('docs/endpoints.md must have the markers of `endpoints`, once each')
  if (!process.argv.includes('--check')) writeFileSync(PAGE, wanted)
  else if (wanted !== text)
    throw new Error('the endpoint table in docs/endpoints.md is out of date: npm run generate -- endpoints')
}
