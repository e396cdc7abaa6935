import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newSessionId, newTimeOrderedId, newUserId, sessionIdSchema, userIdSchema } from '../../src/core/ids.ts'

describe('a time-ordered id', () => {
  const times = fc.integer({ min: 0, max: 2 ** 48 - 1 })

  it('is a UUID v7 whose first 48 bits are the time (RFC 9562)', () => {
    const property = fc.property(times, (nowMs) => {
      const id = newTimeOrderedId(nowMs)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(nowMs)
    })
    fc.assert(property)
  })

  it('sorts by time as text', () => {
    const property = fc.property(times, times, (a, b) => {
      if (a !== b) expect(newTimeOrderedId(a) < newTimeOrderedId(b)).toBe(a < b)
    })
    fc.assert(property)
  })

  it('is unique within a millisecond', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newTimeOrderedId(1))).size).toBe(10_000)
  })
})

describe('the ids of users and sessions', () => {
  it('are UUID v4 and all different', () => {
    const ids = Array.from({ length: 1000 }, () => [newUserId(), newSessionId()]).flat()
    expect(new Set(ids).size).toBe(2000)
    for (const id of ids) expect(userIdSchema.safeParse(id).success && sessionIdSchema.safeParse(id).success).toBe(true)
  })

  it.each([
    '',
    'me',
    '00000000-0000-0000-0000-000000000000',
    newTimeOrderedId(1),
    `${newUserId()} `,
    `{${newUserId()}}`,
  ])('exclude %j (A1)', (text) => {
    expect(userIdSchema.safeParse(text).success).toBe(false)
  })
})
