import type { HttpContext } from './environment.ts'

/** A file that is stored as gzip. */
export interface PackedFile {
  readonly type: string
  readonly load: () => Promise<{ readonly default: ArrayBuffer }>
  /** For a file whose name does not change with its content. */
  readonly etag?: string
}

/** Matches `gzip`, but not `gzip;q=0`. */
const TAKES_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/

/** Serves a file as gzip, or unpacked for a client that does not accept gzip; 304 if the client has it. */
export async function servePacked(
  c: HttpContext,
  { type, load, etag }: PackedFile,
  caching: Readonly<Record<string, string>>,
): Promise<Response> {
  const headers = { ...caching, ...(etag !== undefined && { etag }) }
  // Appended, to keep the `Vary` of the CORS middleware: Hono copies these headers over those of a `Response`
  // that a handler creates.
  c.res.headers.append('vary', 'Accept-Encoding')
  const known = c.req.header('if-none-match')
  if (etag !== undefined && (known === '*' || known?.includes(etag))) return c.body(null, 304, headers)
  const { default: packed } = await load()
  if (TAKES_GZIP.test(c.req.header('accept-encoding') ?? ''))
    return new Response(packed, {
      headers: { ...headers, 'content-type': type, 'content-encoding': 'gzip' },
      encodeBody: 'manual',
    })
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(unpacked, { headers: { ...headers, 'content-type': type } })
}
