import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { parseStrictJson } from '../../src/core/strict-json.ts'

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth)
const nestedObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

/**
 * Whether a value holds no integer beyond 2^53 - 1. Only for those does the result differ from `JSON.parse`.
 */
const isExact = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(isExact)
    : typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(String(value))

/** The detail of the refusal of a text; undefined if it was accepted. */
function refusal(text: string): string | undefined {
  try {
    parseStrictJson(text)
    return undefined
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toBe('malformed_json')
    return error.options.detail
  }
}

describe('strict JSON', () => {
  it('returns the same as JSON.parse for any value without duplicate keys (A4)', () => {
    const values = fc
      .jsonValue({ maxDepth: 6 })
      .filter((value) => !JSON.stringify(value).includes('__proto__') && isExact(value))
    const property = fc.property(values, fc.constantFrom(0, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(parseStrictJson(text)).toEqual(JSON.parse(text))
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('refuses a duplicate key at any depth of any value (A4)', () => {
    const keys = fc.string({ unit: 'binary', maxLength: 5 }).filter((key) => key !== '__proto__')
    const property = fc.property(keys, fc.jsonValue({ maxDepth: 2 }), fc.nat(4), (key, value, depth) => {
      const name = JSON.stringify(key)
      const inner = `{${name}:1,"other key":${JSON.stringify(value).replaceAll('__proto__', 'x')},${name} : 2}`
      expect(refusal('[{"x":'.repeat(depth) + inner + '}]'.repeat(depth))).toContain('two members of one name')
    })
    fc.assert(property)
  })

  it.each([
    ['side by side', '{"a":1,"a":2}'],
    ['apart', '{"a":1,"b":{"a":1},"a":2}'],
    ['within another', '{"x":{"a":1,"a":1}}'],
    ['within a list', '[{"a":1},{"a":1,"a":1}]'],
    ['one of them escaped', '{"a":1,"\\u0061":2}'],
    ['escaped in two ways', '{"\\u002f":1,"\\/":2}'],
    ['both lone surrogates', '{"\\ud800":1,"\\uD800":2}'],
    ['both empty', '{"":1,"":2}'],
    ['with quotes inside', '{"\\"":1,"\\"":2}'],
    ['with a bracket inside', '{"}":1,"}":2}'],
    ['with white space before the colon', '{"a" :1,"a"\n\t\r :2}'],
  ])('refuses duplicate keys, %s (A4)', (_, text) => {
    expect(refusal(text)).toBe('The body has two members of one name.')
  })

  it.each([
    ['in two objects', '[{"a":1},{"a":1}]'],
    ['in an object and its member', '{"a":{"a":{"a":1}}}'],
    ['as a value', '{"a":"a","b":"a","c":["a","a"]}'],
    ['as text that looks like a member', '{"a":"\\"a\\":1","b":"{\\"a\\":1,\\"a\\":2}"}'],
    ['in another case', '{"a":1,"A":2}'],
    ['in another normal form', '{"\u00fc":1,"u\u0308":2}'],
    ['that every object inherits', '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
  ])('accepts a key again %s', (_, text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  it.each([
    ['plain', '{"__proto__":{"role":"admin"}}'],
    ['nested', '{"a":[{"__proto__":1}]}'],
    ['escaped in part', '{"\\u005f_proto__":1}'],
    [
      'escaped as a whole',
      `{"${[...'__proto__'].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}":1}`,
    ],
  ])('refuses __proto__, %s (A4)', (_, text) => {
    expect(refusal(text)).toBe('The body has a member named __proto__.')
    expect(({} as { role?: string }).role).toBeUndefined()
  })

  it('accepts __proto__ as a value', () => {
    expect(parseStrictJson('{"a":"__proto__"}')).toEqual({ a: '__proto__' })
  })

  it('accepts 16 levels and refuses 17 (A4)', () => {
    expect(refusal(nested(16))).toBeUndefined()
    expect(refusal(nested(17))).toBe('The body is nested more than 16 levels deep.')
    expect(refusal(nestedObjects(16))).toBeUndefined()
    expect(refusal(nestedObjects(17))).toBe('The body is nested more than 16 levels deep.')
    expect(refusal(`[${Array.from({ length: 50 }, () => nested(15)).join()}]`)).toBeUndefined()
  })

  it('does not count brackets within strings (A4)', () => {
    expect(refusal(JSON.stringify([nested(40), nested(40, '{', '}'), '\\"[[[[[[[[[[[[[[[[[[[[']))).toBeUndefined()
    expect(refusal(JSON.stringify({ [nested(40)]: 1 }))).toBeUndefined()
    expect(refusal(`["]]]]]]]]]]]]]]]]]",${nested(16)}]`)).toBe('The body is nested more than 16 levels deep.')
  })

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '[1,]',
    'NaN',
    '01',
    '"\t"',
    '{"a":1}{"b":2}',
    '\ufeff{}',
    '/**/1',
    '"\\x61"',
  ])('refuses %j, which is not JSON, without quoting it', (text) => {
    expect(refusal(text)).toBe('The body is not JSON.')
  })

  it.each([
    ['9007199254740993', Number.POSITIVE_INFINITY],
    ['[9007199254740992,{"a":-1e400,"b":"9007199254740993"}]', [Infinity, { a: Infinity, b: '9007199254740993' }]],
    ['{"9007199254740993":9007199254740991}', { '9007199254740993': 9007199254740991 }],
    ['["\\"9007199254740993",1]', ['"9007199254740993', 1]],
  ])('replaces a number that a double does not hold exactly by Infinity: %s', (text, value) => {
    expect(parseStrictJson(text)).toEqual(value)
  })

  it('takes less than a second for all worst cases of 64 KiB (A4)', () => {
    const size = 64 * 1024
    const worst = [
      '['.repeat(size),
      nested(size / 2),
      `"${'\\"'.repeat(size / 2 - 2)}"`,
      `["a"${' '.repeat(size - 6)}]`,
      `[${'1,'.repeat(size / 2 - 2)}1]`,
      '9'.repeat(size),
      `1.${'0'.repeat(size - 3)}1`,
      `${'[1e400,'.repeat(8)}${'1e400,'.repeat(size / 6 - 20)}1${']'.repeat(8)}`,
      `[${Array.from({ length: size / 8 }, () => '"a"  ').join(',')}]`,
      `{${Array.from({ length: size / 10 }, (_, i) => `"${i}":1`).join(',')}}`,
    ]
    const start = performance.now()
    for (const text of worst) refusal(text)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
