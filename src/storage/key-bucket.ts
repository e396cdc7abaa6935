import { withTimeLimit } from './time-limit.ts'

/** The vault bucket, and the one that mirrors it where an operator has bound one. */
export interface VaultBuckets {
  readonly vault: R2Bucket
  readonly mirror?: R2Bucket | undefined
}

/** A wrapped key as it lies in the vault. */
export interface StoredKey {
  readonly text: string
  /** Names this very object: a replacement that asks for it fails once the object was changed or deleted. */
  readonly etag: string
}

/** Wrapped keys in R2 by path. Every call is bounded in time. @throws TimeLimitError, and what R2 throws */
export interface KeyBucket {
  get(path: string): Promise<StoredKey | undefined>
  /** @returns false when there is a key already */
  create(path: string, text: string, version: number): Promise<boolean>
  /** @returns false when the key is no longer the one that `etag` names: then it was changed or destroyed */
  replace(path: string, text: string, version: number, etag: string): Promise<boolean>
  /**
   * Removes from the vault, then from the mirror, so that whoever looks at the vault last never sees too
   * much.
   */
  delete(paths: readonly string[]): Promise<void>
}

const LIMIT_MS = 3000

/**
 * Member of an object's metadata: the root key version of the wrap, which a listing shows without opening
 * anything.
 */
const VERSION_METADATA = 'root_key_version'

/** @param defer for the mirror's copy of a new key, which nobody waits for */
export function createKeyBucket({ vault, mirror }: VaultBuckets, defer: (work: Promise<unknown>) => void): KeyBucket {
  const answers = <T>(work: Promise<T>) => withTimeLimit(work, LIMIT_MS)
  const buckets = { vault, mirror }

  return {
    async get(path) {
      const object = await answers(vault.get(path))
      return object === null ? undefined : { text: await answers(object.text()), etag: object.etag }
    },
    async create(path, text, version) {
      const customMetadata = metadataOf(version)
      const created = await answers(vault.put(path, text, { onlyIf: { etagDoesNotMatch: '*' }, customMetadata }))
      if (created !== null && mirror)
        defer(copyToMirror(buckets, path, { text, customMetadata }).catch(() => undefined))
      return created !== null
    },
    async replace(path, text, version, etag) {
      const customMetadata = metadataOf(version)
      const replaced = await answers(vault.put(path, text, { onlyIf: { etagMatches: etag }, customMetadata }))
      // What does not reach the mirror now is found by the sweep.
      if (replaced !== null) await copyToMirror(buckets, path, { text, customMetadata }).catch(() => undefined)
      return replaced !== null
    },
    async delete(paths) {
      await answers(vault.delete([...paths]))
      await answers(mirror?.delete([...paths]) ?? Promise.resolve())
    },
  }
}

export interface ListedObject {
  readonly path: string
  readonly etag: string
  /** Undefined for a key that was written without it. */
  readonly rootKeyVersion: number | undefined
}

export interface ListedPage {
  readonly objects: readonly ListedObject[]
  readonly isLast: boolean
}

/**
 * One page of a bucket in the order of its paths, without opening anything.
 * @param after path of the last object of the page before; kept for as long as one likes, unlike R2's own
 * cursors
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

/** An object on its way into the mirror. */
interface Copied {
  readonly text: string
  readonly customMetadata: Record<string, string> | undefined
}

/**
 * Writes an object into the mirror. A destruction deletes in the vault first and in the mirror second:
 * looking at the vault after the write shows whether it came in between, and then the copy goes again.
 */
export async function copyToMirror({ vault, mirror }: VaultBuckets, path: string, copied: Copied): Promise<void> {
  if (mirror === undefined) return
  const { text, customMetadata } = copied
  await withTimeLimit(mirror.put(path, text, customMetadata && { customMetadata }), LIMIT_MS)
  const original = await withTimeLimit(vault.head(path), LIMIT_MS)
  if (original === null) await withTimeLimit(mirror.delete(path), LIMIT_MS)
}

const metadataOf = (version: number): Record<string, string> => ({ [VERSION_METADATA]: String(version) })
