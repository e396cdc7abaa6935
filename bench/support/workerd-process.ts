import { readdirSync, readFileSync } from 'node:fs'
import { sum } from './statistics.ts'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

/** The kernel counts processor time in hundredths of a second, on any processor. */
const TICK_MS = 10

/** Every workerd process below this one. Linux only: elsewhere none. */
export function workerdsUnder(ancestor: number): number[] {
  const processes = listProcesses()
  const family = new Set([ancestor])
  let size = 0
  while (family.size > size) {
    size = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  return processes.filter(({ pid, name }) => family.has(pid) && name === 'workerd').map(({ pid }) => pid)
}

/** Resident memory of these processes together, in MiB. */
export function residentMib(pids: readonly number[]): number {
  return sum(pids, (pid) => Number(statusField(pid, 'VmRSS')) / 1024)
}

/** The peak resident memory of a process, in MiB. */
export function peakResidentMib(pid: number): number {
  return Number(statusField(pid, 'VmHWM')) / 1024
}

/** Processor time of these processes until now, in milliseconds. */
export function processorMs(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    // The name of the command is in parentheses and may contain spaces.
    const [, afterName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const fields = afterName.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  })
}

function listProcesses(): Process[] {
  return readProcessIds().flatMap((pid) => {
    try {
      return [{ pid, parent: Number(statusField(pid, 'PPid')), name: statusField(pid, 'Name') }]
    } catch {
      // The process ended while it was read.
      return []
    }
  })
}

function readProcessIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function statusField(pid: number, name: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? ''
}
