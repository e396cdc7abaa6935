import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { ArchiveSource } from '../compliance/archive/verify-chain.ts'
import { createArchive } from '../storage/archive.ts'

const bucketSchema = z.object({ binding: z.string(), bucket_name: z.string() })

// wrangler otherwise tells where it found the settings, between the lines of the result.
process.env.WRANGLER_LOG ??= 'error'

/** Where the archive is read from. */
export interface ArchivePlace {
  /** A folder with the bucket's objects under their names. */
  readonly dir: string | undefined
  /** The deployed bucket instead of the local one. */
  readonly remote: boolean
  readonly environment: string | undefined
  /** Where `npm run dev` keeps its data, if it was told. */
  readonly persistTo: string | undefined
}

/** Lends the archive to `work`. A folder needs no wrangler, which takes a second to load. Reading the local bucket does not disturb a service that is running. */
export async function withArchive<T>(place: ArchivePlace, work: (source: ArchiveSource) => Promise<T>): Promise<T> {
  if (place.dir !== undefined) return work(folder(place.dir))
  return place.remote ? withRemoteBucket(place, work) : withLocalBucket(place, work)
}

async function withLocalBucket<T>(
  { environment, persistTo }: ArchivePlace,
  work: (source: ArchiveSource) => Promise<T>,
) {
  const { getPlatformProxy } = await import('wrangler')
  const proxy = await getPlatformProxy<{ ARCHIVE: R2Bucket }>({
    ...(environment !== undefined && { environment }),
    ...(persistTo !== undefined && { persist: { path: join(persistTo, 'v3') } }),
  })
  try {
    return await work(createArchive(proxy.env.ARCHIVE))
  } finally {
    await proxy.dispose()
  }
}

/** Through a configuration of its own that knows nothing but the deployed bucket. Needs wrangler to be logged in. */
async function withRemoteBucket<T>({ environment }: ArchivePlace, work: (source: ArchiveSource) => Promise<T>) {
  const { getPlatformProxy, unstable_readConfig } = await import('wrangler')
  const { r2_buckets, compatibility_date, account_id } = unstable_readConfig(environment ? { env: environment } : {})
  const buckets = z.array(bucketSchema).parse(r2_buckets)
  const bucket = buckets.find(({ binding }) => binding === 'ARCHIVE')
  const folderPath = await mkdtemp(join(tmpdir(), 'latchkey-'))
  const configPath = join(folderPath, 'wrangler.json')
  const config = { name: 'audit-verify', compatibility_date, account_id, r2_buckets: [{ ...bucket, remote: true }] }
  await writeFile(configPath, JSON.stringify(config))
  const proxy = await getPlatformProxy<{ ARCHIVE: R2Bucket }>({ configPath, persist: false })
  try {
    return await work(createArchive(proxy.env.ARCHIVE))
  } finally {
    await proxy.dispose()
    await rm(folderPath, { recursive: true })
  }
}

function folder(dir: string): ArchiveSource {
  return {
    async read(path) {
      try {
        return await readFile(join(dir, path), 'utf8')
      } catch {
        return undefined
      }
    },
    async list(prefix) {
      const names = await readdir(join(dir, prefix)).catch(() => [])
      return names.sort().map((name) => prefix + name)
    },
  }
}
