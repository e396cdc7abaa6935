import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { routes } from '../../src/app/all-routes.ts'
import { importedUserSchema } from '../../src/identity/user-import/parse-imported-user.ts'

// Text that is not well-formed Unicode, or that contains NUL (where some programs end a text), is not stored:
// neither by a route nor by an import line. The table is built from the routes, so that new members are
// tested too.

/** Members that are compared or parsed, and not stored as they are. A password may contain any character. */
const NOT_KEPT =
  /^(?:password|password_hash|current_password|new_password|token|refresh_token|device_token|ticket|code|mfa_token|recovery_code|enrolment_token|request|previous|sign_up_token)$/

type Member = readonly [route: string, name: string, schema: z.ZodType]

const membersOf = (where: string, schema: unknown): Member[] =>
  Object.entries((schema as { shape?: Record<string, z.ZodType> } | undefined)?.shape ?? {}).map(([name, member]) => [
    where,
    name,
    member,
  ])

const members: Member[] = [
  ...routes.flatMap(({ method, path, body }) => membersOf(`${method} ${path}`, body)),
  ...membersOf('a line of an import', importedUserSchema),
]
const kept = members.filter(([, name]) => !NOT_KEPT.test(name))

describe('members that are stored', () => {
  it('are many', () => {
    expect(kept.length).toBeGreaterThan(25)
  })

  it.each(kept.filter(([, name]) => name !== 'users'))(
    '%s: %s refuses what is no text, wherever it stands',
    (_, __, schema) => {
      for (const text of ['a\0b', 'a\ud800b', 'a\udc00', 'a@\ud800.example']) {
        for (const value of [text, { x: text }, { [text]: 1 }, { x: [{ y: [text] }] }, [text]])
          expect(schema.safeParse(value).success).toBe(false)
      }
      for (const value of [Number.POSITIVE_INFINITY, { x: Number.POSITIVE_INFINITY }, { x: [Number.NaN] }])
        expect(schema.safeParse(value).success).toBe(false)
    },
  )
})
