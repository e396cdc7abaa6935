import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
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
  /**
   * @param patienceMs time without a verdict after which the process is ended
   * @returns the verdicts. Mutants that ended the process, or never ended, are missing.
   */
  run(target: Target, attempts: readonly Attempt[], patienceMs?: number): Promise<Trial[]>
  remove(): void
}

/** More than the tests of one target take on a busy machine. */
const PATIENCE_MS = 600_000

export function copyProject(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mutants-'))
  const files = ['ls-files', '--cached', '--others', '--exclude-standard']
  for (const path of execFileSync('git', files, { encoding: 'utf8' }).trim().split('\n'))
    if (existsSync(path)) cpSync(path, join(folder, path), { recursive: true })
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
  return {
    write,
    async run(target, attempts, patienceMs = PATIENCE_MS) {
      write('test/mutation/trial.test.ts', trialOf(target, attempts))
      rmSync(join(folder, TRIALS), { force: true })
      const vitest = [join(folder, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.', '--config', target.config]
      const trials = join(folder, TRIALS)
      const lastVerdictMs = () => (existsSync(trials) ? statSync(trials).mtimeMs : 0)
      await endWhenSilent(spawn(process.execPath, vitest, { cwd: folder, stdio: 'ignore' }), lastVerdictMs, patienceMs)
      return existsSync(trials) ? JSON.parse(readFileSync(trials, 'utf8')) : []
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Waits until the process ends, and ends it after too long without a verdict. */
async function endWhenSilent(child: ChildProcess, lastVerdictMs: () => number, patienceMs: number): Promise<void> {
  const startedMs = Date.now()
  const look = setInterval(() => {
    if (Date.now() - Math.max(startedMs, lastVerdictMs()) > patienceMs) child.kill()
  }, 1000)
  await once(child, 'exit').finally(() => clearInterval(look))
}

/** The text of a test file that imports the tests of the target again for each mutant. */
function trialOf({ tests }: Target, attempts: readonly Attempt[]): string {
  const lines = attempts.map(({ mutant, tests: names }) => {
    const imports = tests.map((test) => `'${test}': () => import('../../${test}?mutant=${mutant}')`)
    return `tryMutant(${mutant}, ${JSON.stringify(names)}, { ${imports.join(', ')} })`
  })
  return ["import { tryMutant } from './trial.ts'", ...lines].join('\n')
}
