import { AppError } from '../core/errors.ts'

const MAX_DEPTH = 16

/** In valid JSON: a string with the colon that makes it a key, or a bracket. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g

/**
 * Parses JSON and refuses what parsers disagree about: duplicate keys, `__proto__`, and nesting beyond 16 levels.
 * Two readers that see two different bodies is how a check in front is passed by.
 * @throws AppError `malformed_json`
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new AppError('malformed_json', { detail: 'The body is not JSON.' })
  }
  assertUnambiguous(text)
  return value
}

function assertUnambiguous(text: string): void {
  const open: Set<string>[] = []
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH) throw refuse(`The body is nested more than ${MAX_DEPTH} levels deep.`)
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (string !== undefined && colon !== undefined) {
      assertNewKey(open.at(-1), JSON.parse(string))
    }
  }
}

function assertNewKey(keys: Set<string> | undefined, key: string): void {
  if (key === '__proto__') throw refuse('The body has a member named __proto__.')
  if (keys?.has(key)) throw refuse('The body has two members of one name.')
  keys?.add(key)
}

const refuse = (detail: string): AppError => new AppError('malformed_json', { detail })
