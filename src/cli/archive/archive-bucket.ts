import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { getPlatformProxy, unstable_readConfig } from 'wrangler'
import * as z from 'zod'
import type { ArchiveBytes } from '../../compliance/archive/verify/archive-source.ts'
import { UsageError } from '../shared/usage-error.ts'
import { OFFLINE } from '../shared/wrangler.ts'

export interface BucketOptions {
  /** The archive by default. */
  readonly binding?: 'ARCHIVE' | 'VAULT'
  readonly remote: boolean
  readonly persistTo: string | undefined
  readonly configPath: string | undefined
  readonly environment: string | undefined
}

export interface OpenBucket extends ArchiveBytes {
  /** Writes an object, unless there is one. */
  create(path: string, content: string | Uint8Array): Promise<void>
  /** When the object was last written, according to R2. */
  storedAt(path: string): Promise<Date | undefined>
  close(): Promise<void>
}

/**
 * Opens the archive bucket of the configuration. On this machine that works while `npm run dev` runs, because
 * a second workerd only reads the files. No other binding is opened, and no secret is read.
 * @throws UsageError when there is no such bucket
 */
export async function openBucket(options: BucketOptions): Promise<OpenBucket> {
  if (!options.remote) Object.assign(process.env, OFFLINE)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-archive-'))
  try {
    const persist = writeConfig(options, join(folder, 'wrangler.json'))
    const proxy = await getPlatformProxy<Readonly<Record<string, R2Bucket>>>({
      configPath: join(folder, 'wrangler.json'),
      envFiles: [],
      persist: options.remote ? false : { path: persist },
      remoteBindings: options.remote,
    })
    const close = async () => {
      await proxy.dispose()
      rmSync(folder, { recursive: true, force: true })
    }
    const bucket = proxy.env[options.binding ?? 'ARCHIVE']
    if (bucket === undefined) throw new UsageError('The configuration has no such bucket.')
    return { ...readBucket(bucket), close }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

const configSchema = z.object({
  configPath: z.string().optional(),
  compatibility_date: z.string(),
  account_id: z.string().optional(),
  r2_buckets: z.array(z.looseObject({ binding: z.string() })),
})

/** Writes a configuration that contains only the archive. @returns the folder of wrangler's local state */
function writeConfig(
  { remote, persistTo, configPath, environment, binding: name = 'ARCHIVE' }: BucketOptions,
  path: string,
): string {
  const config = configSchema.parse(
    unstable_readConfig({ config: configPath, env: environment }, { hideWarnings: true }),
  )
  const bucket = config.r2_buckets.find(({ binding }) => binding === name)
  if (bucket === undefined) throw new UsageError(`The configuration has no r2_buckets binding ${name}.`)
  const state = resolve(persistTo ?? join(dirname(config.configPath ?? '.'), '.wrangler/state'), 'v3')
  // Opening a missing bucket would create it, and a misspelt path would look like an empty archive.
  if (!remote && !existsSync(join(state, 'r2'))) throw new UsageError(`There is no local bucket in ${dirname(state)}.`)
  const archiveOnly = {
    name: 'latchkey-archive-reader',
    compatibility_date: config.compatibility_date,
    account_id: config.account_id,
    r2_buckets: [{ ...bucket, remote }],
  }
  writeFileSync(path, JSON.stringify(archiveOnly))
  return state
}

function readBucket(bucket: R2Bucket): Omit<OpenBucket, 'close'> {
  return {
    async *list(prefix) {
      let cursor: string | undefined
      do {
        const page = await bucket.list({ prefix, ...(cursor && { cursor }) })
        yield* page.objects.map(({ key }) => key)
        cursor = page.truncated ? page.cursor : undefined
      } while (cursor !== undefined)
    },
    async read(path) {
      const object = await bucket.get(path)
      return object === null ? undefined : new Uint8Array(await object.arrayBuffer())
    },
    async create(path, content) {
      await bucket.put(path, content, { onlyIf: { etagDoesNotMatch: '*' } })
    },
    storedAt: async (path) => (await bucket.head(path))?.uploaded,
  }
}
