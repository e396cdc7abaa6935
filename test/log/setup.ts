import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { GO, GO_ENVIRONMENT, MODULE } from './go.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the compiled judge. */
    judge: string
  }
}

const NEEDED = `npm run test:log needs Go, the Go module golang.org/x/mod, and openssl. On Debian and Ubuntu:
  sudo apt-get install golang-go golang-golang-x-mod-dev openssl
Elsewhere, name the GOPATH that has the source of golang.org/x/mod: GOPATH=… npm run test:log`

/** Compiles the judge. @throws Error that says what is missing on this machine */
export default function setUp(project: TestProject): () => void {
  const missing = [
    ...(runs(GO, ['version']) ? [] : ['go']),
    ...(runs('openssl', ['version']) ? [] : ['openssl']),
    ...(existsSync(MODULE) ? [] : [MODULE]),
  ]
  if (missing.length > 0) throw new Error(`Missing: ${missing.join(', ')}.\n${NEEDED}`)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-judge-'))
  const judge = join(folder, 'judge')
  const built = spawnSync(GO, ['build', '-o', judge, '.'], {
    cwd: join(import.meta.dirname, 'judge'),
    env: GO_ENVIRONMENT,
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(`go build: ${built.stderr}`)
  project.provide('judge', judge)
  return () => rmSync(folder, { recursive: true, force: true })
}

const runs = (program: string, words: readonly string[]): boolean => spawnSync(program, words).status === 0
