// `npm run test:quick`: checks a change in half a minute. It takes the files that differ from main, or from
// the commit in `npm run test:quick -- HEAD`, and runs
// lint, types, the tests of the changed rooms, and the tests about the structure of the sources. `npm run
// check` runs everything.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { LONGEST } from '../test/support/longest-first.ts'
import { runProgram } from './run-task.ts'
import { selectTests } from './select-tests.ts'

/** Returns the lines that git prints, or nothing when it fails. */
function git(...words: string[]): string[] {
  const { stdout } = spawnSync('git', words, { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line !== '')
}

/** Files that differ from a commit, by default from where the branch left main. */
function listChanged(commit: string | undefined): string[] {
  const [base = 'HEAD'] =
    commit !== undefined ? [commit] : ['main', 'origin/main'].flatMap((name) => git('merge-base', 'HEAD', name))
  return [...new Set([...git('diff', '--name-only', base), ...git('ls-files', '--others', '--exclude-standard')])]
}

async function main(commit: string | undefined): Promise<number> {
  const changed = listChanged(commit)
  const { run, leftOut } = selectTests(changed, {
    tests: globSync('test/**/*.test.ts', { exclude: ['**/node_modules'] }),
    slow: new Set(LONGEST.map((name) => `test/${name}.test.ts`)),
  })
  note(`${changed.length} changed files, ${run.length} test files`)
  const present = changed.filter((path) => existsSync(path))
  const lint = ['biome', 'check', '--no-errors-on-unmatched', '--files-ignore-unknown=true', ...present]
  const codes = [
    present.length === 0 ? 0 : await runProgram('npx', lint),
    await runProgram('npx', ['tsc']),
    await runProgram('npx', ['vitest', 'run', ...run]),
  ]
  if (leftOut.length > 0) note(`Slow tests of these rooms were left out: npx vitest run ${leftOut.join(' ')}`)
  return codes.find((code) => code !== 0) ?? 0
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

if (import.meta.main) process.exitCode = await main(process.argv[2])
