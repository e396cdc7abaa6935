import * as z from 'zod'
import type { HttpContext } from '../environment.ts'

const wholeNumber = z.string().regex(/^\d{1,9}$/, 'must be a whole number')

/** Query member: the maximum number of items on a page, sent as text. */
export const limitSchema = (fallback: number, max: number) =>
  wholeNumber.transform(Number).pipe(z.number().min(1).max(max)).default(fallback)

/**
 * The last millisecond that RFC 3339 can express in UTC. With an offset, a valid text can mean a later time.
 */
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Query or body member: an RFC 3339 time with its offset, as Unix milliseconds. */
export const timeSchema = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms <= LAST_MS, 'must be before the year 10000 in UTC')

/** Query member: `<Unix milliseconds>.<UUID>`, the position where the previous page ended. */
export const cursorSchema = z
  .string()
  .regex(/^\d{1,16}\.[0-9a-f-]{36}$/, 'must be the next_cursor of a page')
  .transform((text) => {
    const [at = '', id = ''] = text.split('.')
    return { atMs: Number(at), id }
  })

/** The `Link` header to the next page with the same filters (RFC 8288). Empty on the last page. */
export function nextPageLink(c: HttpContext, nextCursor: string | null): Readonly<Record<string, string>> {
  if (nextCursor === null) return {}
  const url = new URL(c.req.url)
  url.searchParams.set('cursor', nextCursor)
  return { link: `<${url.pathname}${url.search}>; rel="next"` }
}
