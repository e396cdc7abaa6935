import { existsSync } from 'node:fs'
import { opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveBytes } from '../../compliance/archive/archive-source.ts'
import { UsageError } from '../shared/usage-error.ts'

/**
 * Opens a downloaded archive, which has the same paths as the bucket. Files whose names start with a dot are
 * ignored, because operating systems create such files.
 * @throws UsageError when the folder is not an archive
 */
export function openFolder(folder: string): ArchiveBytes {
  // A misspelt path must not look like an empty archive.
  if (!['audit', 'checkpoints', 'receipt-keys'].some((name) => existsSync(join(folder, name)))) {
    throw new UsageError(`${folder} has no folder audit, checkpoints or receipt-keys.`)
  }
  return {
    async *list(prefix) {
      for await (const entry of await openIfPresent(join(folder, prefix))) {
        if (!entry.name.startsWith('.')) yield `${prefix}${entry.name}`
      }
    },
    read: (path) => unlessMissing(readFile(join(folder, path)), undefined),
  }
}

const openIfPresent = (folder: string) => unlessMissing(opendir(folder), [])

async function unlessMissing<T, U>(promise: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
