import type { ArchiveBytes } from '../compliance/archive/archive-source.ts'
import { openFolder } from './archive-folder.ts'
import { PLACE_OPTIONS, type PlaceChoice, UsageError } from './command-line.ts'

/** The options that say which archive is meant. */
export const ARCHIVE_OPTIONS = {
  ...PLACE_OPTIONS,
  dir: { type: 'string' },
  config: { type: 'string', short: 'c' },
} as const

export interface ArchiveChoice extends PlaceChoice {
  readonly dir?: string | undefined
  readonly config?: string | undefined
}

export const ARCHIVE_HELP = `  (nothing)          the bucket on this machine, also while npm run dev runs
  --persist-to DIR   that bucket, where npm run dev was told to keep its state
  --dir FOLDER       a downloaded archive: audit/, checkpoints/ and receipt-keys/ as in the bucket
  --remote           the deployed bucket that the configuration names, read through Cloudflare; needs wrangler to be
                     signed in. Cannot be tried without an account: if in doubt, download the bucket and use --dir
  -c, --config FILE  another wrangler configuration
  -e, --env NAME     an environment of that configuration`

/** Opens the archive for as long as `use` takes. @throws UsageError when there is none, or two are named */
export async function withArchive<T>(choice: ArchiveChoice, use: (archive: ArchiveBytes) => Promise<T>): Promise<T> {
  if ([choice.dir, choice.remote, choice['persist-to']].filter((value) => value !== undefined).length > 1) {
    throw new UsageError('Name one archive: --dir, --remote or --persist-to.')
  }
  if (choice.dir !== undefined) return await use(openFolder(choice.dir))
  // wrangler takes a second to load, and a folder does not need it.
  const { openBucket } = await import('./archive-bucket.ts')
  const bucket = await openBucket({
    remote: choice.remote ?? false,
    persistTo: choice['persist-to'],
    configPath: choice.config,
    environment: choice.env,
  })
  try {
    return await use(bucket)
  } finally {
    await bucket.close()
  }
}
