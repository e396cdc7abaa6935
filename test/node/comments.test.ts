import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const WIDTH = 110

const sources = globSync(['{src,test,bench,scripts,docs}/**/*.{ts,tsx,css,js,mjs,jq}', 'wrangler.toml'], {
  exclude: (name) => /node_modules|src\/client\/api\.ts|test\/deep\/dist/.test(name),
})

it(`no line of a comment is wider than ${WIDTH} columns`, () => {
  const wide = sources.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .map((line, index) => ({ line, place: `${path}:${index + 1}` }))
      .filter(({ line }) => line.length > WIDTH && /^\s*(?:\/\/|\/\*\*|\* |# )/.test(line) && !/^# +jq /.test(line)),
  )
  expect(sources.length).toBeGreaterThan(500)
  expect(wide.map(({ place }) => place)).toEqual([])
})
