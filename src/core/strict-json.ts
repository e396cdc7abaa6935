import { AppError } from './errors.ts'
import { isExactNumber } from './exact-number.ts'

const MAX_DEPTH = 16

/** Matches in valid JSON: a string, with the colon if it is a key; a bracket; or a number. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]|-?\d[\d.eE+-]*/g

/** A literal that is parsed as Infinity, which every schema refuses. */
const NO_NUMBER = '1e999'

/**
 * Parses JSON and refuses input on which parsers disagree: duplicate keys, `__proto__`, and nesting beyond 16
 * levels. If two parsers read different bodies, an attacker can bypass a check in front of this service. A
 * number that a double does not hold exactly becomes Infinity. The schema then refuses that member, and in a
 * list of lines only the line that has it.
 * @throws AppError `malformed_json`
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AppError('malformed_json', { detail: 'The body is not JSON.' })
  }
  return hasOnlyExactNumbers(text) ? value : JSON.parse(withoutInexactNumbers(text))
}

/** @throws AppError `malformed_json` */
function hasOnlyExactNumbers(text: string): boolean {
  const open: Set<string>[] = []
  let isExact = true
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH) throw refuse(`The body is nested more than ${MAX_DEPTH} levels deep.`)
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (string !== undefined && colon !== undefined) {
      assertNewKey(open.at(-1), JSON.parse(string))
    } else if (string === undefined) {
      isExact &&= isExactNumber(token)
    }
  }
  return isExact
}

const withoutInexactNumbers = (text: string): string =>
  text.replace(TOKENS, (token) => (/^[-\d]/.test(token) && !isExactNumber(token) ? NO_NUMBER : token))

function assertNewKey(keys: Set<string> | undefined, key: string): void {
  if (key === '__proto__') throw refuse('The body has a member named __proto__.')
  if (keys?.has(key)) throw refuse('The body has two members of one name.')
  keys?.add(key)
}

const refuse = (detail: string): AppError => new AppError('malformed_json', { detail })
