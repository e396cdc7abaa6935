import type { FindUnreachableStores, Store } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

interface Stores {
  readonly db: D1Database
  readonly sessions: KVNamespace
  readonly vault: R2Bucket
}

const LIMIT_MS = 2000

export function createFindUnreachableStores({ db, sessions, vault }: Stores): FindUnreachableStores {
  const probes: Record<Store, () => Promise<unknown>> = {
    database: () => db.prepare('SELECT 1 FROM users LIMIT 1').run(),
    kv: () => sessions.get('readyz'),
    vault: () => vault.head('readyz'),
  }
  return async () => {
    const unreachable = Object.entries(probes).map(async ([store, probe]) => {
      try {
        await withTimeLimit(probe(), LIMIT_MS)
        return []
      } catch {
        return [store as Store]
      }
    })
    return (await Promise.all(unreachable)).flat()
  }
}
