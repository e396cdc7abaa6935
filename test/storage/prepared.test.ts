import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { SessionId, UserId } from '../../src/core/ids.ts'
import { selectMe, selectMePrepared } from '../../src/profile/me.ts'
import { countChanges } from '../../src/storage/database/count-changes.ts'
import { prepareStatement } from '../../src/storage/database/prepared.ts'
import { bound } from '../../src/storage/database/statement.ts'

const REF = { userId: crypto.randomUUID() as UserId, sessionId: crypto.randomUUID() as SessionId }

describe('a prepared statement', () => {
  it('equals a newly built statement, each time with its own values', () => {
    for (const now of [1, 2]) expect(bound(selectMePrepared({ ...REF, now }))).toEqual(bound(selectMe(REF, now)))
  })

  it('binds a value in every place where it is used, and constants too', () => {
    const build = ({ a, b }: { a: number | null; b: string }) => countChanges(sql`SELECT ${a}, ${b}, ${'fixed'}, ${a}`)
    const prepared = prepareStatement(build)
    for (const values of [
      { a: 1, b: "'; --" },
      { a: null, b: '' },
    ])
      expect(bound(prepared(values))).toEqual(bound(build(values)))
  })
})
