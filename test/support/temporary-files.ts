import { globSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const IN_MEMORY = '/dev/shm'
const PREFIX = `${IN_MEMORY}/latchkey-tests-`
/** A whole run needs a fifth of it. A container often has only 64 MB. */
const NEEDED_BYTES = 2 ** 30

/**
 * Puts temporary files in memory, where Linux offers that. Among them are the local stores, which wait for
 * the disk at every write and are made anew for every test. The folder is deleted when this process ends.
 * Folders of processes that were killed are deleted by the next run.
 */
export function keepTemporaryFilesInMemory(): void {
  if (tmpdir().startsWith(`${IN_MEMORY}/`) || !hasRoom()) return
  for (const folder of globSync(`${PREFIX}*`)) if (!isRunning(folder)) remove(folder)
  const folder = mkdtempSync(`${PREFIX}${process.pid}-`)
  process.env.TMPDIR = folder
  process.on('exit', () => remove(folder))
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return bavail * bsize >= NEEDED_BYTES
  } catch {
    // Only Linux has it.
    return false
  }
}

/** Whether the process that made this folder is running. */
function isRunning(folder: string): boolean {
  try {
    return process.kill(Number.parseInt(folder.slice(PREFIX.length), 10), 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // It belongs to another user of this machine, or a program that a test has started still writes to it.
  }
}
