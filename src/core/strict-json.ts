import { AppError } from './errors.ts'
import { isExactNumber } from './exact-number.ts'

const MAX_DEPTH = 16

/** In valid JSON: a string with the colon that makes it a key, a bracket, or a number. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]|-?\d[\d.eE+-]*/g

/** Parsed as Infinity, which no schema takes. */
const NO_NUMBER = '1e999'

/**
 * Parses JSON and refuses what parsers disagree about: duplicate keys, `__proto__`, and nesting beyond 16
 * levels. Two readers that see two different bodies is how a check in front is passed by. A number that a
 * double does not hold exactly becomes Infinity: the schema refuses it in its place, and of a list of lines
 * only the one that has it.
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
