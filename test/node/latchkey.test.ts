import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  constants,
  copyFileSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { oldNames } from '../../src/cli/old-names.ts'
import { newProgram } from '../../src/cli/program.ts'
import { print } from '../../src/cli/shared/command-result.ts'
import { startProgress } from '../../src/cli/shared/progress.ts'
import { runDocuments } from '../../src/cli/shared/run-documents.ts'
import { LATCHKEY, runLatchkey } from '../support/command-runs.ts'
import { commandsOf, type NamedCommand } from '../support/commands-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
const emptyArchive = join(folder, 'archive')
mkdirSync(join(emptyArchive, 'audit'), { recursive: true })

const project: { version: string; bin: Record<string, string>; scripts: Record<string, string> } = JSON.parse(
  readFileSync('package.json', 'utf8'),
)
const commands = commandsOf(newProgram())
const leaves = commands.filter(({ command }) => command.commands.length === 0)

describe('the executable', () => {
  it('is the one that package.json names, and can be executed', () => {
    expect(join(process.cwd(), project.bin.latchkey ?? '')).toBe(LATCHKEY)
    accessSync(LATCHKEY, constants.X_OK)
    expect(readFileSync(LATCHKEY, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(runLatchkey(['--version'])).toEqual({ status: 0, stdout: `${project.version}\n`, stderr: '' })
  })

  it('runs on the Node of the repository, whichever started it', () => {
    // Simulates an older Node: one at another path that does not run TypeScript.
    const other = join(folder, 'node')
    try {
      linkSync(process.execPath, other)
    } catch {
      copyFileSync(process.execPath, other)
    }
    const run = (file: string, ...words: string[]) => {
      const args = ['--no-experimental-strip-types', file, ...words]
      const { status, stdout, stderr } = spawnSync(other, args, { encoding: 'utf8' })
      return { status, stdout, stderr }
    }
    expect(run(LATCHKEY, '--version')).toEqual({ status: 0, stdout: `${project.version}\n`, stderr: '' })
    expect(run(LATCHKEY, 'nope')).toMatchObject({ status: 2, stdout: '' })
    // Without `npm ci` the Node of the repository is missing.
    const alone = join(folder, 'latchkey.mjs')
    copyFileSync(LATCHKEY, alone)
    expect(run(alone, '--version')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'Node of this repository is not installed: npm ci\n',
    })
  })
})

describe('a reader that closes the output, as `head` does', () => {
  /** Runs a command, and closes one of its outputs before it writes. */
  const runClosed = async (closed: 'stdout' | 'stderr', ...words: string[]) => {
    const child = spawn(process.execPath, words)
    const other = closed === 'stdout' ? child.stderr : child.stdout
    child[closed].destroy()
    let text = ''
    other.on('data', (chunk: Buffer) => {
      text += chunk
    })
    const [status] = await once(child, 'close')
    return { status, text }
  }

  it.each([
    ['the help', [LATCHKEY, '--help'], 0],
    ['the help of an area', [LATCHKEY, 'audit', '--help'], 0],
    ['a result', [LATCHKEY, 'audit', 'verify', '--dir', emptyArchive], 3],
    ['the same in JSON', [LATCHKEY, 'audit', 'verify', '--json', '--dir', emptyArchive], 3],
    ['a name of version 0.1', ['src/cli/old-name.ts', 'audit:verify', '--json', '--dir', emptyArchive], 3],
  ] as const)('ends %s quietly', async (_, words, status) => {
    const { text, ...ended } = await runClosed('stdout', ...words)
    expect(ended).toEqual({ status })
    expect(text).not.toContain('EPIPE')
  })

  it('changes no exit code', async () => {
    expect(await runClosed('stderr', LATCHKEY, 'nope')).toEqual({ status: 2, text: '' })
  })
})

describe('the npm scripts of version 0.1', () => {
  it.each([...oldNames])('%s prints its new name to stderr, and does the same', (old, words) => {
    expect(project.scripts[old]).toBe(`node src/cli/old-name.ts ${old}`)
    expect(commands.map((named) => named.words)).toContainEqual(words)
  })

  it('are the ones that call for an old name', () => {
    const calling = Object.entries(project.scripts).filter(([, script]) => script.includes('old-name.ts'))
    expect(calling.map(([name]) => name).sort()).toEqual([...oldNames.keys()].sort())
  })

  it('run: the answer stays alone on standard output', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/old-name.ts', 'vault:status', '--help'], {
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 0, stdout: runLatchkey(['vault', 'status', '--help']).stdout })
    expect(stderr).toBe(
      '`npm run vault:status` goes after version 0.2. The same: npx --no-install latchkey vault status\n',
    )
  })

  it('stand in CHANGELOG beside their new names', () => {
    const rows = readFileSync('CHANGELOG.md', 'utf8').matchAll(
      /\| `npm run ([\w:-]+)[^`]*` \| `latchkey ([a-z -]+?)[ A-Z…]*` \|/g,
    )
    expect([...rows].map(([, old, words]) => [old, words])).toEqual(
      [...oldNames].map(([old, words]) => [old, words.join(' ')]),
    )
  })
})

describe('the documents', () => {
  const pages = ['README.md', ...globSync('docs/**/*.{md,jq}')]
  const written = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/npx --no-install latchkey ([^`\n|;&>#]*)/g)].map(
      ([, line = '']) => [page, line.trim()] as const,
    ),
  )

  it.each(written)('%s writes a command that there is: %s', (_, line) => {
    const words = line.split(/\s+/)
    const { words: name, command } = nameCommand(words)
    const rest = words.slice(name.length)
    // An area without a sub-command is written for its help.
    if (command.commands.length > 0) return expect(rest).toEqual(['--help'])
    if (name[0] === 'dev') return
    const known = new Set(['--help', ...command.options.flatMap(({ long, short }) => [long, short])])
    expect(rest.filter((word) => /^--?[a-z]/.test(word) && !known.has(word))).toEqual([])
  })

  it('name every command in docs/scripts.md', () => {
    const text = readFileSync('docs/scripts.md', 'utf8')
    expect(leaves.map(({ words }) => words.join(' ')).filter((words) => !text.includes(`\`latchkey ${words}`))).toEqual(
      [],
    )
  })

  it('use no name of before', () => {
    const old = new RegExp(`npm run (-s )?(${[...oldNames.keys()].join('|')})(?![\\w:-])`)
    expect(pages.filter((page) => page !== 'docs/scripts.md' && old.test(readFileSync(page, 'utf8')))).toEqual([])
  })

  /** The deepest command that the words name. */
  function nameCommand(words: readonly string[]): NamedCommand {
    return commands.reduce((found, named) =>
      named.words.length > found.words.length && named.words.every((word, i) => words[i] === word) ? named : found,
    )
  }
})

describe('an answer', () => {
  const printed = (json: boolean) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const before = process.exitCode
    try {
      print({ document: { rows: [], sum: 1 }, words: ['Sum: 1', []], exitCode: 1 }, { json })
      return { text: write.mock.calls.map(([text]) => text).join(''), exitCode: process.exitCode }
    } finally {
      write.mockRestore()
      process.exitCode = before
    }
  }

  it('is words, or one document', () => {
    expect(printed(false)).toEqual({ text: 'Sum: 1\nnone\n', exitCode: 1 })
    expect(printed(true)).toEqual({ text: '{\n  "rows": [],\n  "sum": 1\n}\n', exitCode: 1 })
  })
})

it('a run of a job has its counts as numbers', () => {
  const run = { job: 'purge', finished_at_utc: null }
  expect(
    runDocuments([
      { ...run, counts: '{"erased":2}' },
      { ...run, counts: '{}' },
      { ...run, counts: null },
    ]),
  ).toEqual([
    { ...run, counts: { erased: 2 } },
    { ...run, counts: {} },
    { ...run, counts: {} },
  ])
})

describe('the progress bar', () => {
  const draw = (isTTY: boolean) => {
    const drawn: string[] = []
    let now = 0
    const progress = startProgress('lines', { isTTY, write: (text) => drawn.push(text) }, () => now)
    progress.show(1000, 4000)
    // Too early to be drawn.
    progress.show(1001, 4000)
    now = 100
    progress.show(2000)
    progress.show(4000, 4000)
    progress.clear()
    return drawn
  }

  it('is drawn over itself on a terminal, ten times a second at most', () => {
    const line = '\r\u001b[K'
    expect(draw(true)).toEqual([
      `${line}[#######-----------------------]  25 %  1,000 of 4,000 lines`,
      `${line}2,000 lines`,
      `${line}[##############################] 100 %  4,000 of 4,000 lines`,
      line,
    ])
  })

  it('leaves a log alone', () => {
    expect(draw(false)).toEqual([])
  })
})
