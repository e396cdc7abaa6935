import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DevService } from './dev-service.ts'

/** Changes the database of a running service, for what a test cannot wait for, or ask for by a request. */
export function change({ state }: DevService, statement: string, ...values: (string | number)[]): void {
  const [path = ''] = globSync(join(state, 'v3/d1/miniflare-D1DatabaseObject/*[0-9a-f].sqlite'))
  using database = new DatabaseSync(path, { timeout: 5000 })
  const { changes } = database.prepare(statement).run(...values)
  if (changes === 0) throw new Error('nothing to change')
}
