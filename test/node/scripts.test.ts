import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { measurements } from '../../bench/run.ts'
import { always, rare } from '../../scripts/generate.ts'
import type { Tasks } from '../../scripts/run-task.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))

const generated = { ...always, ...rare }
const projects = [...read('test/deep/vitest.config.ts').matchAll(/\bname: '([a-z0-9]+)'/g)].map(([, name]) => name)

/** Documents, comments and printed texts. CHANGELOG is left out because it also names scripts of the past. */
const texts = globSync(['*.{md,ts,toml}', '{bench,docs,scripts,src,test}/**/*.{md,ts,toml}', '.github/**/*.md'])
  .filter((path) => !/node_modules|(^|\/)dist\/|CHANGELOG|worker-configuration|old-name|test\/node/.test(path))
  .map((path) => ({ path, text: read(path) }))

function findNamed(pattern: RegExp, known: readonly (string | undefined)[]): string[] {
  return texts.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].filter(([, name]) => !known.includes(name)).map(([found]) => `${path}: ${found}`),
  )
}

describe('what documents and comments name', () => {
  it('is an npm script that exists', () => {
    expect(findNamed(/npm run (?:-s |--silent )?([a-z][a-z0-9:-]*)/g, Object.keys(scripts))).toEqual([])
  })

  it('is a generated file, a measurement or a project that exists', () => {
    expect(findNamed(/run (?:-s )?generate -- ([a-z][a-z0-9-]*)/g, Object.keys(generated))).toEqual([])
    expect(findNamed(/\bbench -- ([a-z][a-z0-9-]*)/g, Object.keys(measurements))).toEqual([])
    expect(findNamed(/\btest:deep -- --project ([a-z][a-z0-9-]*)/g, projects)).toEqual([])
  })
})

describe.each([
  ['generate', 'scripts/generate.ts', generated],
  ['bench', 'bench/run.ts', measurements],
])('npm run %s', (_name: string, file: string, tasks: Tasks) => {
  it('has every name in docs/scripts.md, and runs files that exist', () => {
    const page = read('docs/scripts.md')
    expect(Object.keys(tasks).filter((name) => !page.includes(`\`${name}\``))).toEqual([])
    const files = Object.values(tasks).flatMap(({ commands }) => commands.flat().filter((word) => word.includes('/')))
    expect(files.filter((path) => !existsSync(path))).toEqual([])
  })

  it('lists the names with --help, and refuses others with exit code 2', () => {
    const run = (word: string) => spawnSync(process.execPath, [file, word], { encoding: 'utf8' })
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    expect(Object.keys(tasks).filter((name) => !stdout.includes(`  ${name} `))).toEqual([])
    expect(run('nope')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('nope') })
  })
})

it('every project of npm run test:deep is in docs/testing.md and docs/scripts.md', () => {
  for (const page of ['docs/testing.md', 'docs/scripts.md'])
    expect(projects.filter((name) => !read(page).includes(`\`${name}\``))).toEqual([])
})
