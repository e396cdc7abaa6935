import type { VaultStatements } from '../core/ports.ts'
import { textWithin } from './text-within.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000

/** A publication with fifty keys has 15,000. */
const MOST_BYTES = 2 ** 20

/** Signed statements of this service in the vault bucket, by path. */
export function createVaultStatements(vault: R2Bucket): VaultStatements {
  const readVersion: VaultStatements['readVersion'] = async (path) => {
    const object = await withTimeLimit(vault.get(path), LIMIT_MS)
    if (object === null) return undefined
    return { text: await withTimeLimit(textWithin(object, MOST_BYTES), LIMIT_MS), etag: object.etag }
  }

  return {
    async create(path, text) {
      const created = await withTimeLimit(vault.put(path, text, { onlyIf: { etagDoesNotMatch: '*' } }), LIMIT_MS)
      return created !== null
    },
    async replace(path, text, etag) {
      const onlyIf = etag === undefined ? { etagDoesNotMatch: '*' } : { etagMatches: etag }
      return (await withTimeLimit(vault.put(path, text, { onlyIf }), LIMIT_MS)) !== null
    },
    readVersion,
    async read(path) {
      return (await readVersion(path))?.text
    },
    async list(prefix, limit) {
      const page = await withTimeLimit(vault.list({ prefix, limit }), LIMIT_MS)
      return page.objects.map(({ key }) => key)
    },
    async delete(paths) {
      if (paths.length > 0) await withTimeLimit(vault.delete([...paths]), LIMIT_MS)
    },
  }
}
