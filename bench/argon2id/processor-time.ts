import { readdirSync, readFileSync } from 'node:fs'

/** Processor time in milliseconds that a process has used so far, to the microsecond; Linux only.
 * @throws Error elsewhere */
export function preciseProcessorMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((total, thread) => total + nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`) / 1e6, 0)
}

function nanosecondsOf(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10)
  } catch {
    // The thread has ended meanwhile.
    return 0
  }
}
