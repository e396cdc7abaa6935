import { readdirSync, readFileSync } from 'node:fs'

interface Process {
  readonly pid: number
  readonly parent: number
  readonly name: string
  readonly residentMib: number
}

/** Resident memory, in MiB, of all workerd processes that this process started, directly or not. Linux only. */
export function workerdMemory(ancestor: number): number {
  const processes = listProcesses()
  const family = new Set([ancestor])
  let size = 0
  while (family.size > size) {
    size = family.size
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid)
  }
  return processes
    .filter(({ pid, name }) => family.has(pid) && name === 'workerd')
    .reduce((sum, { residentMib }) => sum + residentMib, 0)
}

function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [readProcess(Number(name))]
      } catch {
        // It ended while it was looked at.
        return []
      }
    })
}

function readProcess(pid: number): Process {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? ''
  return { pid, parent: Number(field('PPid')), name: field('Name'), residentMib: Number(field('VmRSS')) / 1024 }
}
