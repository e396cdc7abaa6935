import { spawnSync } from 'node:child_process'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'

let text: string

beforeAll(() => {
  text = run('scripts/openapi.ts').stdout
})

describe('the OpenAPI document', () => {
  it('is valid by the published JSON Schema of OpenAPI 3.1', async () => {
    const validator = new Validator()
    expect(await validator.validate(JSON.parse(text))).toMatchObject({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('is valid by a second validator with rules of its own', async () => {
    expect(await problemsOf(text)).toEqual([])
  })

  it('would be refused by both with a mistake in it', async () => {
    const broken = text.replace('"in": "path"', '"in": "somewhere"')
    expect(broken).not.toBe(text)
    expect(await new Validator().validate(JSON.parse(broken))).toMatchObject({ valid: false })
    expect(await problemsOf(broken)).not.toEqual([])
  })

  it('has a type for every member, so that generated code has one', () => {
    expect(withoutType(JSON.parse(text))).toEqual([])
  })

  it('matches the typed client', () => {
    expect(run('scripts/client-types.ts', '--check')).toMatchObject({ status: 0, stderr: '' })
  })

  it('matches the endpoint table of docs/endpoints.md', () => {
    expect(run('scripts/endpoint-table.ts', '--check')).toMatchObject({ status: 0, stderr: '' })
  })
})

const KEYWORDS = ['type', '$ref', 'anyOf', 'enum', 'const']
const LISTS = ['properties', 'schemas']

/** Finds schemas without a type. A generator writes `unknown` or `any` for them. */
function withoutType(node: object, path: readonly string[] = []): string[] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const at = [...path, key]
    const isSchema = LISTS.includes(path.at(-1) ?? '') || ['schema', 'items'].includes(key)
    if (isSchema && key !== 'examples' && !saysType(value)) return [at.join('/')]
    const isOpaque = typeof value !== 'object' || value === null || ['example', 'examples'].includes(key)
    return isOpaque ? [] : withoutType(value, at)
  })
}

const saysType = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && KEYWORDS.some((keyword) => keyword in schema)

async function problemsOf(source: string): Promise<string[]> {
  // Rules of style are off. The structure, every reference and every example are checked.
  const rules = { struct: 'error', 'no-unresolved-refs': 'error', 'no-invalid-media-type-examples': 'error' } as const
  const config = await createConfig({
    rules: {
      ...rules,
      'path-parameters-defined': 'error',
      'operation-operationId-unique': 'error',
      'no-identical-paths': 'error',
      'security-defined': 'error',
    },
  })
  const found = await lintFromString({ source, absoluteRef: '/openapi.json', config })
  return found.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer} ${message}`)
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}
