import type { UserId } from '../core/ids.ts'
import type { ActivityStore } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000
const PREFIX = 'activity/'

/** R2 lists and deletes at most this many objects in one call. */
const LISTED_AT_ONCE = 1000

const prefixOf = (userId: string): string => `${PREFIX}${userId}/`

/** Path in R2 of the events of one person in one period. */
const activityPath = (userId: string, period: string): string => prefixOf(userId) + period

/** Activity bundles in the vault bucket. The vault has no point-in-time restore, so a deletion is final. */
export function createActivityStore(vault: R2Bucket): ActivityStore {
  const limited = <T>(work: Promise<T>) => withTimeLimit(work, LIMIT_MS)
  const write = async (path: string, sealed: string, onlyIf: R2Conditional) =>
    (await limited(vault.put(path, sealed, { onlyIf }))) !== null

  return {
    async find(userId, period) {
      const object = await limited(vault.get(activityPath(userId, period)))
      return object === null ? undefined : { sealed: await limited(object.text()), etag: object.etag }
    },
    create: (userId, period, sealed) => write(activityPath(userId, period), sealed, { etagDoesNotMatch: '*' }),
    replace: (userId, period, sealed, etag) => write(activityPath(userId, period), sealed, { etagMatches: etag }),
    async list(userId) {
      const page = await limited(vault.list({ prefix: prefixOf(userId), limit: LISTED_AT_ONCE }))
      return page.objects.map(({ key }) => key.slice(prefixOf(userId).length))
    },
    async deleteSome(userId, limit) {
      const page = await limited(vault.list({ prefix: prefixOf(userId), limit }))
      if (page.objects.length > 0) await limited(vault.delete(page.objects.map(({ key }) => key)))
      return { deleted: page.objects.length, isDone: !page.truncated }
    },
    async listOwners(cursor) {
      const page = await limited(
        vault.list({ prefix: PREFIX, delimiter: '/', limit: LISTED_AT_ONCE, ...(cursor && { cursor }) }),
      )
      const userIds = page.delimitedPrefixes.map((prefix) => prefix.slice(PREFIX.length, -1) as UserId)
      return { userIds, cursor: page.truncated ? page.cursor : undefined }
    },
  }
}
