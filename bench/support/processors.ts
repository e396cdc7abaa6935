import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'

/**
 * The processors of a process: the served Worker has one to itself, and the load generator uses the other.
 */
export const SERVER = 0
export const CLIENT = 1

/** taskset stops at a thread that has just ended, and leaves those after it as they were. */
const ATTEMPTS = 10

/** Pins all threads of a process to one processor. @returns false where that is not possible */
export function pin(pid: number, processor: typeof SERVER | typeof CLIENT): boolean {
  if (process.platform !== 'linux' || cpus().length < 2) return false
  const isPinned = () => spawnSync('taskset', ['-a', '-c', '-p', String(processor), String(pid)]).status === 0
  return Array.from({ length: ATTEMPTS }).some(isPinned)
}
