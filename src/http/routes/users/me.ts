import * as z from 'zod'
import { deletionView, keptDeletion, showDeletion } from '../../../compliance/erasure/deletion-view.ts'
import { requestErasure } from '../../../compliance/erasure/request-erasure.ts'
import { exampleProfile, profileFieldSchemas } from '../../../core/profile.ts'
import { getMe } from '../../../profile/get-me.ts'
import type { VersionedMe } from '../../../profile/me.ts'
import { meView } from '../../../profile/me-view.ts'
import { updateMe } from '../../../profile/update-me.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import type { HttpContext } from '../../environment.ts'
import { examples } from '../../examples/examples.ts'
import { idempotent } from '../../idempotency.ts'
import { versionsIn } from '../../if-match.ts'

const changesSchema = z.strictObject(profileFieldSchemas).partial()

const whole = (description: string) =>
  ({ description, schema: meView, example: examples.me, headers: ['etag', 'x-d1-bookmark'] }) as const

/** PUT and PATCH are the same operation. */
const update = {
  area: 'Account',
  access: 'bearer',
  limits: { policy: 'update-profile', isCountedWithWork: true },
  body: changesSchema,
  summary: 'Update the profile',
  description: 'An absent member stays unchanged; null clears it.',
  headers: ['if-match'],
  example: () => ({ bio: exampleProfile().bio }),
  answers: { 200: whole('The updated account and profile.') },
  problems: ['precondition_failed'],
  async handle(c: HttpContext, changes: z.output<typeof changesSchema>) {
    const expectedVersions = versionsIn(c.req.header('if-match'))
    return answerMe(c, await updateMe(c.get('ctx'), c.get('principal'), { changes, expectedVersions }))
  },
} as const

export const getMeRoute = route({
  method: 'GET',
  path: '/api/v1/users/me',
  id: 'getMe',
  area: 'Account',
  access: 'bearer',
  acceptsBookmark: true,
  summary: 'Get the account and profile',
  headers: ['x-d1-bookmark'],
  answers: { 200: whole('The signed-in user.') },
  async handle(c) {
    return answerMe(c, await getMe(c.get('ctx'), c.get('principal')))
  },
})

export const deleteMeRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me',
  id: 'deleteMe',
  area: 'Account',
  access: 'step-up',
  limits: { policy: 'delete-account' },
  isIdempotent: true,
  summary: 'Delete the account',
  description: 'All sessions end at once. Until `restore_until`, the user can restore the account by signing in.',
  answers: {
    202: {
      description: 'The account is deleted; its data is erased after `purge_after`.',
      schema: deletionView,
      example: () => showDeletion(examples.atMs),
    },
  },
  problems: ['last_admin'],
  async handle(c) {
    return answer(202, await idempotent(c, keptDeletion, () => requestErasure(c.get('ctx'), c.get('principal'))))
  },
})

export const putMeRoute = route({ method: 'PUT', path: '/api/v1/users/me', id: 'putMe', ...update })

export const updateMeRoute = route({ method: 'PATCH', path: '/api/v1/users/me', id: 'updateMe', ...update })

function answerMe(c: HttpContext, { view, version }: VersionedMe) {
  const bookmark = c.get('bookmark')()
  return answer(200, view, { etag: `"${version}"`, ...(bookmark !== null && { 'x-d1-bookmark': bookmark }) })
}
