import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const document = readFileSync('docs/security.md', 'utf8')
const section = document.slice(document.indexOf('## Insiders'), document.indexOf('## Requests to other services'))
const lines = [...section.matchAll(/^\|.*\| `(test\/[^`]+)`: (.+) \|$/gm)].map(([, file = '', title = '']) => ({
  file,
  title,
}))

test('each line of the table of insiders names a test that exists', () => {
  expect(lines.length).toBeGreaterThan(20)
  const missing = lines.filter(({ file, title }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(title))
  expect(missing).toEqual([])
})

test('each line of the table of insiders has a test', () => {
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| can write'))
  expect(rows.filter((row) => !row.startsWith('| ---'))).toHaveLength(lines.length)
})
