import { readFileSync } from 'node:fs'

/** The fenced blocks of one language in a Markdown file, in order. */
export const codeBlocks = (path: string, language: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```([a-z]+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, code]) =>
    name === language && code !== undefined ? [code] : [],
  )
