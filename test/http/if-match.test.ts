import { expect, it } from 'vitest'
import { versionsIn } from '../../src/http/if-match.ts'

it.each([
  [undefined, undefined],
  ['*', undefined],
  [' * ', undefined],
  ['"1"', [1]],
  ['"1","2" , "3"', [1, 2, 3]],
  [',"1",,', [1]],
  ['W/"1", "2"', [1, 2]],
  ['"a,\\"', []],
  ['"1,2", "x"', []],
])('%j contains the versions %j', (header, versions) => {
  expect(versionsIn(header)).toEqual(versions)
})

it.each(['', ',', '1', '"1', '"1" "2"', '*, "1"', 'w/"1"', '"1";"2"', '"1"\n'])('%j is no tag list', (header) => {
  expect(() => versionsIn(header)).toThrow(expect.objectContaining({ code: 'precondition_failed' }))
})

it('takes linear time for the longest invalid list', () => {
  const start = performance.now()
  for (const text of [', ', ',', ' ', '"1", ', 'W/"']) {
    for (const begin of ['', '"1"']) expect(() => versionsIn(`${begin}${text.repeat(10_000)}\0`)).toThrow()
  }
  expect(performance.now() - start).toBeLessThan(1000)
})
