import { zValidator } from '@hono/zod-validator'
import type { MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import { AppError, type FieldProblem } from '../core/errors.ts'
import { parseStrictJson } from '../core/strict-json.ts'
import type { HttpEnvironment } from './environment.ts'
import { readBody, requireJsonType } from './read-body.ts'

/**
 * Middleware that accepts only a JSON body of this schema. Objects in the schema must be strict, so that
 * unknown members are rejected and not silently dropped. If the body is optional and missing, `{}` is used.
 * @throws AppError `payload_too_large`, `unsupported_media_type`, `malformed_json`, `validation_failed`
 */
export function validateBody(
  schema: z.ZodType,
  { isOptional }: { readonly isOptional: boolean },
): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    const text = await readBody(c.req.raw)
    if (text === undefined && !isOptional) requireJsonType(c.req.raw)
    c.set('bodyText', text)
    const value = parseStrictJson(text ?? (isOptional ? '{}' : ''))
    c.req.addValidatedData('json', parseOrRefuse(schema, value) as object)
    await next()
  }
}

/**
 * Middleware that accepts only a query of this schema. A member that is sent twice becomes an array.
 * @throws AppError `validation_failed`, also for a query that is not UTF-8
 */
export const validateQuery = (schema: z.ZodType): MiddlewareHandler[] => [
  requireUtf8Query,
  zValidator('query', schema, refuseInvalid),
]

/** Rejects a query that is not UTF-8. Otherwise the percent-encoded text would be used as the value. */
const requireUtf8Query: MiddlewareHandler = async (c, next) => {
  try {
    decodeURIComponent(new URL(c.req.url).search)
  } catch {
    throw new AppError('validation_failed', { detail: 'The query is not UTF-8.' })
  }
  await next()
}

/** @throws AppError `validation_failed` with every invalid member */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  refuseInvalid(parsed)
  return parsed.data as z.output<Schema>
}

type Parsed = { readonly success: true } | { readonly success: false; readonly error: z.core.$ZodError }

function refuseInvalid(parsed: Parsed): void {
  if (!parsed.success) throw new AppError('validation_failed', { errors: parsed.error.issues.flatMap(toFieldProblems) })
}

/** Describes where the problem is and which rule applies, in our own words. The value never appears. */
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
  return issue.code === 'custom' || issue.code === 'invalid_format' ? issue.message : 'is invalid'
}

/** A JSON Pointer (RFC 6901). */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
