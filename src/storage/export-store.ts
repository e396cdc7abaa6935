import type { ExportStore } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000

const pathOf = (userId: string, exportId: string): string => `exports/${userId}/${exportId}`

/**
 * Export bundles, stored in the vault bucket. The vault has no point-in-time restore, so a deleted bundle
 * stays deleted.
 */
export function createExportStore(vault: R2Bucket): ExportStore {
  return {
    async put(userId, exportId, sealed) {
      await withTimeLimit(vault.put(pathOf(userId, exportId), sealed), LIMIT_MS)
    },
    async find(userId, exportId) {
      const object = await withTimeLimit(vault.get(pathOf(userId, exportId)), LIMIT_MS)
      return object === null ? undefined : withTimeLimit(object.text(), LIMIT_MS)
    },
    async delete(bundles) {
      if (bundles.length === 0) return
      await withTimeLimit(vault.delete(bundles.map(({ userId, exportId }) => pathOf(userId, exportId))), LIMIT_MS)
    },
    async deleteSome(userId, limit) {
      const page = await withTimeLimit(vault.list({ prefix: pathOf(userId, ''), limit }), LIMIT_MS)
      if (page.objects.length > 0) await withTimeLimit(vault.delete(page.objects.map(({ key }) => key)), LIMIT_MS)
      return !page.truncated
    },
  }
}
