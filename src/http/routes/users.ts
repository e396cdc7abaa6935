import * as z from 'zod'
import { requestErasure } from '../../compliance/erasure/request-erasure.ts'
import { profileFieldSchemas } from '../../core/profile.ts'
import { rfc3339 } from '../../core/time.ts'
import { getMe } from '../../profile/get-me.ts'
import type { VersionedMe } from '../../profile/me.ts'
import { updateMe } from '../../profile/update-me.ts'
import type { HttpContext } from '../environment.ts'
import { versionsIn } from '../if-match.ts'
import { once } from '../once.ts'
import { type Route, route } from '../route.ts'

const PATH = '/api/v1/users/me'

const deletedSchema = z.object({ purgeAfterMs: z.number() })

const updateSchema = z.strictObject(profileFieldSchemas).partial()

const updateRoute = (method: 'PUT' | 'PATCH'): Route =>
  route({
    method,
    path: PATH,
    access: 'bearer',
    limits: { policy: 'update-profile', isCountedWithWork: true },
    body: updateSchema,
    async handle(c, changes) {
      const expectedVersions = versionsIn(c.req.header('if-match'))
      return showMe(c, await updateMe(c.get('ctx'), c.get('principal'), { changes, expectedVersions }))
    },
  })

export const userRoutes = [
  route({
    method: 'GET',
    path: PATH,
    access: 'bearer',
    acceptsBookmark: true,
    async handle(c) {
      return showMe(c, await getMe(c.get('ctx'), c.get('principal')))
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    access: 'step-up',
    limits: { policy: 'delete-account' },
    isIdempotent: true,
    async handle(c) {
      const { purgeAfterMs } = await once(c, deletedSchema, () => requestErasure(c.get('ctx'), c.get('principal')))
      const purgeAfter = rfc3339(purgeAfterMs)
      return c.json({ status: 'deleted', purge_after: purgeAfter, restore_until: purgeAfter }, 202)
    },
  }),
  updateRoute('PUT'),
  updateRoute('PATCH'),
]

function showMe(c: HttpContext, { me, version }: VersionedMe): Response {
  const bookmark = c.get('bookmark')()
  if (bookmark !== null) c.header('x-d1-bookmark', bookmark)
  return c.json(me, 200, { etag: `"${version}"` })
}
