import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * The processors of a process: the served Worker has one to itself, and the load generator uses the other.
 */
export const SERVER = 0
export const CLIENT = 1

/** Pins all threads of a process to one processor. @returns false where that is not possible */
export function pin(pid: number, processor: typeof SERVER | typeof CLIENT): boolean {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false
  return spawnSync('taskset', ['-a', '-c', '-p', String(processor), String(pid)]).status === 0
}
