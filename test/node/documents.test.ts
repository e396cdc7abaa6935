import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../src/core/settings.ts'

const pages = globSync(['*.md', 'bench/README.md', 'docs/**/*.md', 'src/**/README.md'])
const read = (path: string): string => readFileSync(path, 'utf8')

describe.each(pages)('the links of %s', (page) => {
  it('lead to files and headings that exist', () => {
    const targets = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const local = targets.filter((target) => !/^[a-z]+:/.test(target))
    expect(local.filter((target) => !exists(page, target))).toEqual([])
  })

  it('are paths of the repository that exist, where they stand as code', () => {
    const paths = [...read(page).matchAll(/`((?:src|test|scripts|docs|bench)\/[^`\s]+)`/g)].map(([, path = '']) => path)
    expect(paths.filter((path) => !/[*…{<]/.test(path) && !existsSync(path))).toEqual([])
  })
})

describe('the recipes for jq', () => {
  it.each(globSync('docs/user-import/*.jq'))('name their own path in the command to run: %s', (path) => {
    expect(read(path)).toContain(` -f ${path} `)
  })
})

describe('what is documented in full', () => {
  it('is every setting', () => {
    const text = read('docs/settings.md')
    expect(['ROOT_KEYS', ...Object.keys(settingsSchema.shape)].filter((name) => !text.includes(`\`${name}\``))).toEqual(
      [],
    )
  })

  it("is every operators' route", () => {
    const text = read('docs/operators.md') + read('docs/user-import-export.md')
    const contracts = globSync('src/http/routes/admin/**/*.ts').map(read).join('\n')
    const paths = [...contracts.matchAll(/path: '\/api\/v1(\/admin\/[^']+)'/g)].map(([, path = '']) => path)
    // Changes of one account have a table of their own, by the last word of their path.
    const isNamed = (path: string) =>
      text.includes(path) || (path.startsWith('/admin/users/:id/') && text.includes(`\`${path.split('/').at(-1)}\``))
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter((path) => !isNamed(path))).toEqual([])
  })

  it('is every script', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = new Set(
      [...read('docs/scripts.md').matchAll(/`(?:npm run |npm )?([a-z0-9:-]+)/g)].map(([, name]) => name),
    )
    expect(Object.keys(scripts).filter((name) => !named.has(name))).toEqual([])
  })
})

describe('the decision records', () => {
  const folder = 'docs/decisions'
  const records = globSync('*.md', { cwd: folder }).filter((name) => name !== 'README.md')

  it('are each in the index once', () => {
    const listed = [...read(`${folder}/README.md`).matchAll(/^\| \[[^\]]+\]\(([^)]+)\) \|/gm)].map(([, name]) => name)
    expect(listed.sort()).toEqual(records.sort())
  })

  it.each(records)('have their four parts in at most 60 lines: %s', (name) => {
    const text = read(join(folder, name))
    expect(text.split('\n').length).toBeLessThanOrEqual(61)
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual([
      'Context',
      'Decision',
      'Consequences',
      'What was tried',
    ])
  })
})

function exists(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (globSync(file).length === 0) return false
  return heading === undefined || headings(read(file)).includes(heading)
}

/** The anchors that GitHub gives headings. */
function headings(markdown: string): string[] {
  const titles = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
