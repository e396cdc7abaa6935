import type { ArchiveBytes } from '../../compliance/archive/verify/archive-source.ts'
import type { DatabaseChoice } from '../shared/options.ts'
import type { OpenBucket } from './archive-bucket.ts'
import { openFolder } from './archive-folder.ts'

/** Selects an archive. The definition of the options allows only one of them. */
export interface ArchiveChoice extends DatabaseChoice {
  /** The path of a downloaded archive. */
  readonly dir?: string | undefined
  /** The path of a wrangler configuration other than the default. */
  readonly config?: string | undefined
}

/** Opens the archive, and closes it when `use` has finished. @throws UsageError when there is none */
export const openArchive = async <T>(choice: ArchiveChoice, use: (archive: ArchiveBytes) => Promise<T>): Promise<T> =>
  choice.dir === undefined ? await openToWrite(choice, use) : await use(openFolder(choice.dir))

/** As `openArchive`, for a bucket that is also written. @throws UsageError when there is none */
export async function openToWrite<T>(choice: ArchiveChoice, use: (bucket: OpenBucket) => Promise<T>): Promise<T> {
  // Loading wrangler takes a second, and a folder does not need it.
  const { openBucket } = await import('./archive-bucket.ts')
  const bucket = await openBucket({
    remote: choice.remote ?? false,
    persistTo: choice.persistTo,
    configPath: choice.config,
    environment: choice.env,
  })
  try {
    return await use(bucket)
  } finally {
    await bucket.close()
  }
}
