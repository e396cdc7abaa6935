/** RFC 9110 sections 5.6.2 and 5.6.4. */
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const QUOTED = String.raw`"(?:[^"\\]|\\.)*"`
const PARAMETER = `(${TOKEN})=(${TOKEN}|${QUOTED})`

/** White space stands in one place of each pattern only, so that no text takes more than one pass. */
const JSON_TYPE = new RegExp(`^application/json[ \\t]*(?:;[ \\t]*(?:${PARAMETER}[ \\t]*)?)*$`, 'i')
const PARAMETERS = new RegExp(`;[ \\t]*${PARAMETER}`, 'g')

/** What clients call UTF-8. */
const UTF_8 = new Set(['utf-8', 'utf8'])

/**
 * Whether a `Content-Type` says JSON in UTF-8 (RFC 9110 section 8.3.1): parameters may be quoted, empty or
 * unknown, and
 * only a `charset` has a meaning here.
 */
export function isJsonType(contentType: string): boolean {
  if (!JSON_TYPE.test(contentType)) return false
  const parameters = [...contentType.matchAll(PARAMETERS)]
  return parameters.every(([, name = '', value = '']) => name.toLowerCase() !== 'charset' || isUtf8(value))
}

const isUtf8 = (value: string): boolean =>
  UTF_8.has((value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value).toLowerCase())

/**
 * Whether a `Content-Encoding` names a coding, so that the bytes are not the text (RFC 9110 section 8.4).
 */
export const isEncoded = (contentEncoding: string): boolean =>
  contentEncoding.split(',').some((coding) => !['', 'identity'].includes(coding.trim().toLowerCase()))
