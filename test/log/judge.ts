import { spawnSync } from 'node:child_process'
import { inject } from 'vitest'

export interface Verdict {
  readonly status: number | null
  /** What it checked, or what does not hold. */
  readonly said: string
}

/** Asks the judge, which Go compiled. @param kind see `judge/main.go` */
export function askJudge(kind: 'tree' | 'notes' | 'archive', path: string): Verdict {
  const { status, stdout, stderr } = spawnSync(inject('judge'), [kind, path], { encoding: 'utf8' })
  return { status, said: (stdout + stderr).trim() }
}
