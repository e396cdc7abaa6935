import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { targets } from '../mutation/targets.ts'

it('the targets of npm run test:mutation are files that exist, with tests that exist', () => {
  const paths = targets.flatMap(({ file, tests }) => [file, ...tests])
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
})
