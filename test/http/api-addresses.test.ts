import { expect, it } from 'vitest'

const sources = import.meta.glob('../../src/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>

/** Contracts, files generated from them, and the script of the pages, which is built from `pages/browser`. */
const OF_CONTRACTS = /src\/(http\/routes\/|app\/loaded-later\.ts|client\/api\.ts|core\/api-path\.ts|pages\/assets\.ts)/

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '')

/**
 * A literal that the compiler checks against the contracts: with `satisfies`, as a type, or as an argument in
 * the demo.
 */
const isHeld = (file: string, line: string): boolean =>
  line.includes('satisfies ApiAddress') ||
  line.includes('infer ') ||
  (file.endsWith('/demo.ts') && /\bcall\(/.test(line))

it('a path of the API is written in its contract, and elsewhere only where the compiler checks it', () => {
  const loose = Object.entries(sources)
    .filter(([file]) => !OF_CONTRACTS.test(file))
    .flatMap(([file, text]) =>
      withoutComments(text)
        .split('\n')
        .filter((line) => /\/api\/v1\b|['"`}]\/\.well-known\//.test(line) && !isHeld(file, line))
        .map((line) => `${file}: ${line.trim()}`),
    )
  expect(loose).toEqual([])
})
