import type { Archive } from '../core/ports.ts'
import { textWithin } from './text-within.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000

/** The longest segment: a batch of a hundred of the longest messages that Queues accepts. */
const MOST_BYTES = 2 ** 24

/**
 * The archive bucket in R2. `create` is atomic: when two writers create the same name, only the first one
 * succeeds.
 */
export function createArchive(bucket: R2Bucket): Archive {
  return {
    async create(path, content) {
      const created = await withTimeLimit(bucket.put(path, content, { onlyIf: { etagDoesNotMatch: '*' } }), LIMIT_MS)
      return created !== null
    },
    async replace(path, bytes) {
      await withTimeLimit(bucket.put(path, bytes), LIMIT_MS)
    },
    async read(path) {
      const object = await withTimeLimit(bucket.get(path), LIMIT_MS)
      return object === null ? undefined : withTimeLimit(textWithin(object, MOST_BYTES), LIMIT_MS)
    },
    async readBytes(path) {
      const object = await withTimeLimit(bucket.get(path), LIMIT_MS)
      if (object === null || object.size > MOST_BYTES) return object === null ? undefined : new Uint8Array()
      return new Uint8Array(await withTimeLimit(object.arrayBuffer(), LIMIT_MS))
    },
    async list(prefix, limit) {
      const page = await withTimeLimit(bucket.list({ prefix, limit }), LIMIT_MS)
      return page.objects.map(({ key }) => key)
    },
  }
}
