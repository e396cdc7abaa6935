import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TRIALS, type Trial } from './reporter.ts'
import type { Target } from './targets.ts'

/** A mutant to try, with the tests that reach it, or all tests. */
export interface Attempt {
  readonly mutant: number
  readonly tests?: readonly string[] | undefined
}

/** A copy of the project whose source may be changed. The working tree is never changed. */
export interface ProjectCopy {
  write(path: string, text: string): void
  /** The verdicts. Mutants that ended the process, or never ended, are missing. */
  run(target: Target, attempts: readonly Attempt[]): Trial[]
  remove(): void
}

const TIMEOUT_MS = 600_000

export function copyProject(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mutants-'))
  const files = ['ls-files', '--cached', '--others', '--exclude-standard']
  for (const path of execFileSync('git', files, { encoding: 'utf8' }).trim().split('\n'))
    if (existsSync(path)) cpSync(path, join(folder, path), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
  return {
    write,
    run(target, attempts) {
      write('test/mutation/trial.test.ts', trialOf(target, attempts))
      rmSync(join(folder, TRIALS), { force: true })
      const vitest = [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.', '--config', target.config]
      spawnSync(process.execPath, vitest, { cwd: folder, timeout: TIMEOUT_MS, stdio: 'ignore' })
      return existsSync(join(folder, TRIALS)) ? JSON.parse(readFileSync(join(folder, TRIALS), 'utf8')) : []
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The text of a test file that imports the tests of the target again for each mutant. */
function trialOf({ tests }: Target, attempts: readonly Attempt[]): string {
  const lines = attempts.map(({ mutant, tests: names }) => {
    const imports = tests.map((test) => `'${test}': () => import('../../${test}?mutant=${mutant}')`)
    return `tryMutant(${mutant}, ${JSON.stringify(names)}, { ${imports.join(', ')} })`
  })
  return ["import { tryMutant } from './trial.ts'", ...lines].join('\n')
}
