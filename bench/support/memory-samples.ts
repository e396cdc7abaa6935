import { residentMib, workerdsUnder } from './workerd-process.ts'

/**
 * Samples the resident memory in MiB of all workerd processes below this one, once a second. Linux only:
 * elsewhere there are no samples.
 */
export function sampleResident(ancestor: number): { stop(): readonly number[] } {
  const pids = workerdsUnder(ancestor)
  if (pids.length === 0) return { stop: () => [] }
  const samplesMib = [residentMib(pids)]
  const timer = setInterval(() => samplesMib.push(residentMib(pids)), 1000)
  return {
    stop() {
      clearInterval(timer)
      return samplesMib
    },
  }
}
