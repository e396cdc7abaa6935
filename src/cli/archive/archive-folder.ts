import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { ArchiveBytes } from '../../compliance/archive/verify/archive-source.ts'
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
  const known = new Map<string, Promise<string[]>>()
  // The names under `audit/` are listed in groups. Reading the folder for each group would take too long.
  function namesIn(path: string): Promise<string[]> {
    const names = known.get(path) ?? (path === 'log/' ? readFiles : readNames)(join(folder, path))
    known.set(path, names)
    return names
  }
  return {
    async *list(prefix) {
      const start = prefix.lastIndexOf('/') + 1
      for (const name of await namesIn(prefix.slice(0, start))) {
        if (name.startsWith(prefix.slice(start))) yield prefix.slice(0, start) + name
      }
    },
    read: (path) => unlessMissing(readFile(join(folder, path)), undefined),
  }
}

async function readNames(folder: string): Promise<string[]> {
  return (await unlessMissing(readdir(folder), [])).filter((name) => !name.startsWith('.'))
}

/** The paths of all files, also in folders. */
async function readFiles(folder: string): Promise<string[]> {
  const found = await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }), [])
  const files = found.filter((one) => one.isFile() && !one.name.startsWith('.'))
  return files.map((one) => relative(folder, join(one.parentPath, one.name)).split(sep).join('/'))
}

async function unlessMissing<T, U>(promise: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
