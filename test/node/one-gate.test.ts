import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The files of `src` whose code matches. Comments are not searched. */
const filesWith = (pattern: RegExp): string[] =>
  globSync('src/**/*.ts')
    .filter((path) => pattern.test(readFileSync(path, 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, '')))
    .map((path) => path.slice('src/'.length))
    .sort()

describe('a level of authentication', () => {
  it('M14 is computed in one file, and the typed client lists the names', () => {
    expect(filesWith(/['"`](?:aal\d|phr)['"`]/)).toEqual(['client/api.ts', 'core/assurance.ts'])
  })
})
