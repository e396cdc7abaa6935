import { textWithin } from './text-within.ts'
import { withTimeLimit } from './time-limit.ts'

/** The vault bucket, and its mirror if the operator has bound one. */
export interface VaultBuckets {
  readonly vault: R2Bucket
  readonly mirror?: R2Bucket | undefined
}

/** A wrapped key as it is stored in the vault. */
export interface StoredKey {
  readonly text: string
  /**
   * Identifies this version of the object. A replacement that names this etag fails if the object has been
   * changed or deleted in the meantime.
   */
  readonly etag: string
}

/** Wrapped keys in R2 by path. Every call has a time limit. @throws TimeLimitError, and what R2 throws */
export interface KeyBucket {
  get(path: string): Promise<StoredKey | undefined>
  /** @returns false if a key exists already */
  create(path: string, text: string, version: number): Promise<boolean>
  /** @returns false if the key no longer has this `etag`: it was changed or destroyed */
  replace(path: string, text: string, version: number, etag: string): Promise<boolean>
  /**
   * Deletes from the vault first and from the mirror second. A copy to the mirror looks at the vault last, so
   * it always notices a deletion.
   */
  delete(paths: readonly string[]): Promise<void>
}

const LIMIT_MS = 3000

/** A wrapped key has about 100. */
const MOST_BYTES = 2 ** 16

/**
 * Metadata of an object: the version of the root key that wraps this data key. A listing shows it, so the
 * object need not be read.
 */
const VERSION_METADATA = 'root_key_version'

/** @param defer runs the mirror's copy of a new key after the answer */
export function createKeyBucket({ vault, mirror }: VaultBuckets, defer: (work: Promise<unknown>) => void): KeyBucket {
  const limited = <T>(work: Promise<T>) => withTimeLimit(work, LIMIT_MS)
  const buckets = { vault, mirror }

  return {
    async get(path) {
      const object = await limited(vault.get(path))
      return object === null ? undefined : { text: await limited(textWithin(object, MOST_BYTES)), etag: object.etag }
    },
    async create(path, text, version) {
      const customMetadata = metadataOf(version)
      const created = await limited(vault.put(path, text, { onlyIf: { etagDoesNotMatch: '*' }, customMetadata }))
      if (created !== null && mirror)
        defer(copyToMirror(buckets, path, { text, customMetadata }).catch(() => undefined))
      return created !== null
    },
    async replace(path, text, version, etag) {
      const customMetadata = metadataOf(version)
      const replaced = await limited(vault.put(path, text, { onlyIf: { etagMatches: etag }, customMetadata }))
      // A failed copy is not an error here: the job `compare-mirror` finds and repairs it.
      if (replaced !== null) await copyToMirror(buckets, path, { text, customMetadata }).catch(() => undefined)
      return replaced !== null
    },
    async delete(paths) {
      await limited(vault.delete([...paths]))
      await limited(mirror?.delete([...paths]) ?? Promise.resolve())
    },
  }
}

export interface ListedObject {
  readonly path: string
  readonly etag: string
  /** Undefined for a key that was stored without this metadata. */
  readonly rootKeyVersion: number | undefined
}

export interface ListedPage {
  readonly objects: readonly ListedObject[]
  readonly isLast: boolean
}

/**
 * One page of a bucket's objects, in the order of their paths. Reads no object.
 * @param after path of the last object of the previous page. Unlike R2's own cursors, it can be stored for
 * any length of time.
 */
export async function listObjects(
  bucket: R2Bucket,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string | undefined; readonly limit: number },
): Promise<ListedPage> {
  const include: ['customMetadata'] = ['customMetadata']
  const page = await withTimeLimit(
    bucket.list({ prefix, limit, include, ...(after && { startAfter: after }) }),
    LIMIT_MS,
  )
  const objects = page.objects.map(({ key, etag, customMetadata }) => {
    const version = customMetadata?.[VERSION_METADATA]
    return { path: key, etag, rootKeyVersion: version === undefined ? undefined : Number(version) }
  })
  return { objects, isLast: !page.truncated }
}

/** The contents to copy into the mirror. */
interface Copied {
  readonly text: string
  readonly customMetadata: Record<string, string> | undefined
}

/**
 * Writes an object into the mirror. A destruction deletes from the vault first and from the mirror second, so
 * a destruction that ran during this copy has emptied the vault. The check of the vault after the write
 * notices that, and the copy is deleted again.
 */
export async function copyToMirror({ vault, mirror }: VaultBuckets, path: string, copied: Copied): Promise<void> {
  if (mirror === undefined) return
  const { text, customMetadata } = copied
  await withTimeLimit(mirror.put(path, text, customMetadata && { customMetadata }), LIMIT_MS)
  const original = await withTimeLimit(vault.head(path), LIMIT_MS)
  if (original === null) await withTimeLimit(mirror.delete(path), LIMIT_MS)
}

const metadataOf = (version: number): Record<string, string> => ({ [VERSION_METADATA]: String(version) })
