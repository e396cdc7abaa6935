import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isEncoded, isJsonType } from '../../src/http/media-type.ts'

const TOKEN = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
const QUOTED = fc.stringMatching(/^[\t\x20-\x7e]{0,12}$/).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`)
const SPACE = fc.stringMatching(/^[ \t]{0,3}$/)
const name = TOKEN.filter((text) => text.toLowerCase() !== 'charset')
const parameter = fc.tuple(name, fc.oneof(TOKEN, QUOTED)).map(([left, right]) => `${left}=${right}`)

it('accepts any parameters in any notation (RFC 9110 section 5.6.6)', () => {
  const part = fc.tuple(SPACE, SPACE, fc.option(parameter, { nil: '' })).map(([a, b, text]) => `${a};${b}${text}`)
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      expect(isJsonType(`application/json${parts.join('')}`)).toBe(true)
      expect(isJsonType(`application/json${parts.join('')}; charset="utf-8"`)).toBe(true)
      expect(isJsonType(`application/json${parts.join('')}; charset=latin1`)).toBe(false)
    }),
  )
})

it.each([
  '',
  'application/json+x',
  'application/json, text/plain',
  'application /json',
  'application/json; a = b',
  'json',
])('rejects %j', (type) => {
  expect(isJsonType(type)).toBe(false)
})

it('takes linear time for the longest invalid header', () => {
  const start = performance.now()
  for (const text of ['; ', ';', ' ; a="\\', ';a=b ', '"\\"']) isJsonType(`application/json${text.repeat(10_000)}\0`)
  expect(performance.now() - start).toBeLessThan(1000)
})

it.each([
  ['', false],
  ['identity', false],
  [' Identity , ', false],
  ['gzip', true],
  ['identity, br', true],
])('Content-Encoding: %s', (header, expected) => {
  expect(isEncoded(header)).toBe(expected)
})
