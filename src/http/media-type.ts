/** RFC 9110 sections 5.6.2 and 5.6.4. */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`
const PARAMETER = `(${TOKEN})=(${TOKEN}|${QUOTED})`

/**
 * Each pattern allows white space in one place only, so that matching never backtracks and takes linear time.
 */
const JSON_TYPE = new RegExp(`^application/json[ \\t]*(?:;[ \\t]*(?:${PARAMETER}[ \\t]*)?)*$`, 'i')
const PARAMETERS = new RegExp(`;[ \\t]*${PARAMETER}`, 'g')

/** Names that clients use for UTF-8. */
const UTF_8 = new Set(['utf-8', 'utf8'])

/**
 * Whether a `Content-Type` means JSON in UTF-8 (RFC 9110 section 8.3.1). Parameters may be quoted, empty or
 * unknown; only `charset` is checked.
 */
export function isJsonType(contentType: string): boolean {
  if (!JSON_TYPE.test(contentType)) return false
  const parameters = [...contentType.matchAll(PARAMETERS)]
  return parameters.every(([, name = '', value = '']) => name.toLowerCase() !== 'charset' || isUtf8(value))
}

const isUtf8 = (value: string): boolean =>
  UTF_8.has((value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value).toLowerCase())

/**
 * Whether a `Content-Encoding` names a coding, which means that the body is not plain text (RFC 9110 section
 * 8.4).
 */
export const isEncoded = (contentEncoding: string): boolean =>
  contentEncoding.split(',').some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase()))
