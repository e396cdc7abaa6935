import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Where a process may run: the served Worker alone on one processor, whoever sends the load on the other. */
export const SERVER = 0
export const CLIENT = 1

/** Keeps all threads of a process on one processor. @returns false where that is not possible */
export function pin(pid: number, processor: typeof SERVER | typeof CLIENT): boolean {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false
  return spawnSync('taskset', ['-a', '-c', '-p', String(processor), String(pid)]).status === 0
}
