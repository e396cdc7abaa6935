import { globSync, readFileSync } from 'node:fs'

/** Titles of the tests that a file runs for each of `SIZES`. */
const titlesIn = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\.each\((?:SIZES|\[1, \.\.\.SIZES\])\)\(\s*'([^']+)'/g)].map(
    ([, title = '']) => title,
  )

/** A title as the source has it: what stands for the number of requests is any number. */
const patternOf = (title: string): string => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%[id]/g, '\\d+')

const found = globSync('test/!(deep|node)/**/*.test.ts')
  .map((file) => ({ file, titles: titlesIn(file) }))
  .filter(({ titles }) => titles.length > 0)

/** Every race of the tests: the files, and a pattern of the titles. */
export const races = {
  files: found.map(({ file }) => file),
  titles: `^(?:${found.flatMap(({ titles }) => titles.map(patternOf)).join('|')})$`,
}
