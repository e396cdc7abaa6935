import { zValidator } from '@hono/zod-validator'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type * as z from 'zod'
import { AppError, type FieldProblem } from '../core/errors.ts'
import type { HttpEnvironment } from './environment.ts'
import { parseStrictJson } from './strict-json.ts'

const MAX_BODY_BYTES = 64 * 1024
const JSON_TYPE = /^application\/json\s*(;\s*charset=utf-8\s*)?$/i

/** Reads at most 64 KiB, whether or not the length was declared. @throws AppError `payload_too_large` */
const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new AppError('payload_too_large')
  },
})

const requireStrictJson: MiddlewareHandler = async (c, next) => {
  if (!JSON_TYPE.test(c.req.header('content-type') ?? '')) throw new AppError('unsupported_media_type')
  parseStrictJson(await c.req.text())
  await next()
}

/** No body at all is read as `{}`. */
const standInForNoBody: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.set('hasBody', c.req.raw.body !== null)
  if (!c.get('hasBody')) {
    const headers = new Headers(c.req.raw.headers)
    headers.set('content-type', 'application/json')
    c.req.raw = new Request(c.req.url, { method: c.req.method, headers, body: '{}' })
  }
  await next()
}

/**
 * Middleware that lets through only a JSON body of the schema. Objects must be strict, so that an unknown member is
 * refused instead of dropped.
 * @throws AppError `payload_too_large`, `unsupported_media_type`, `malformed_json`, `validation_failed`
 */
export function validateBody(schema: z.ZodType, { isOptional }: { readonly isOptional: boolean }): MiddlewareHandler[] {
  return [
    ...(isOptional ? [standInForNoBody] : []),
    limitBody,
    requireStrictJson,
    zValidator('json', schema, refuseInvalid),
  ]
}

/** Middleware that lets through only a query of the schema; a member given twice is an array. @throws AppError `validation_failed` */
export const validateQuery = (schema: z.ZodType): MiddlewareHandler => zValidator('query', schema, refuseInvalid)

/** @throws AppError `validation_failed` naming every member that was refused */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  refuseInvalid(parsed)
  return parsed.data as z.output<Schema>
}

type Parsed = { readonly success: true } | { readonly success: false; readonly error: z.core.$ZodError }

function refuseInvalid(parsed: Parsed): void {
  if (!parsed.success) throw new AppError('validation_failed', { errors: parsed.error.issues.flatMap(toFieldProblems) })
}

/** Speaks of the place and the rule, in our words, never of the value. */
function toFieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: ruleOf(issue) }]
  return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key.slice(0, 64)]), detail: 'unknown member' }))
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`
  if (issue.code === 'too_small') return `must have at least ${issue.minimum}`
  if (issue.code === 'too_big') return `must have at most ${issue.maximum}`
  if (issue.code === 'invalid_format' && issue.format !== 'regex') return `must be a valid ${issue.format}`
  return issue.code === 'custom' || issue.code === 'invalid_format' ? issue.message : 'is not acceptable'
}

/** RFC 6901. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
