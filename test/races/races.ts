import { globSync, readFileSync } from 'node:fs'

/** Titles of the tests that a file runs for each of `SIZES`. */
const titlesIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\.each\((?:SIZES|\[1, \.\.\.SIZES\])\)\(\s*'([^']+)'/g)].map(
    ([, title = '']) => title,
  )

/**
 * A pattern for a title as it is in the source. The placeholder for the number of requests matches any
 * number.
 */
const patternOf = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[id]/g, '\\d+')

const found = globSync('test/!(deep|node)/**/*.test.ts')
  .map((file) => ({ file, titles: titlesIn(file) }))
  .filter(({ titles }) => titles.length > 0)

/** Every race test: the files, and a pattern that matches the titles. */
export const races = {
  files: found.map(({ file }) => file),
  titles: `^(?:${found.flatMap(({ titles }) => titles.map(patternOf)).join('|')})$`,
}
