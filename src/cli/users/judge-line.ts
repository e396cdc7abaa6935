import { AppError } from '../../core/errors.ts'
import { parseStrictJson } from '../../core/strict-json.ts'

/**
 * Why a line cannot be sent as it is. `FILE.refused` names this fault, because the service only sees null and
 * answers `not_an_object`.
 */
export type LineFault = 'not_json' | 'duplicate_member' | 'too_deep' | 'unknown_member' | 'inexact_number' | 'too_large'

export type JudgedLine = { readonly user: unknown; readonly size: number } | { readonly fault: LineFault }

/** The body may have 64 KiB. The text around the users needs little of it. */
export const MAX_LINE_BYTES = 60 * 1024

/**
 * Reads a line as the service will read it. A line that JSON.parse alone would change silently is a fault.
 */
export function judgeLine(text: string): JudgedLine {
  if (!isJson(text)) return { fault: 'not_json' }
  try {
    const user = parseInBody(text)
    if (hasInfinity(user)) return { fault: 'inexact_number' }
    const size = Buffer.byteLength(JSON.stringify(user)) + 1
    return size > MAX_LINE_BYTES ? { fault: 'too_large' } : { user, size }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Parses the line at the depth that it has in the body. The service would refuse the whole body, with all its
 * lines, for one line that is too deep.
 */
function parseInBody(text: string): unknown {
  const body = parseStrictJson(`{"users":[${text}]}`)
  return (body as { readonly users: readonly unknown[] }).users[0]
}

/** How the service describes such a body, by fault. */
const FAULTS: readonly (readonly [RegExp, LineFault])[] = [
  [/two members/, 'duplicate_member'],
  [/levels deep/, 'too_deep'],
  [/__proto__/, 'unknown_member'],
]

function faultOf(error: unknown): LineFault {
  const detail = error instanceof AppError ? (error.options.detail ?? '') : ''
  const fault = FAULTS.find(([pattern]) => pattern.test(detail))?.[1]
  if (fault === undefined) throw error
  return fault
}

/** JSON.parse turns a number that is too large for a double into Infinity. */
function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity)
}
