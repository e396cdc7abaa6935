import * as z from 'zod'
import { listActivity } from '../../compliance/activity/list-activity.ts'
import { route } from '../route.ts'

const PATH = '/api/v1/users/me/activity'

const wholeNumber = z.string().regex(/^\d{1,9}$/, 'must be a whole number')

const querySchema = z.strictObject({
  limit: wholeNumber.transform(Number).pipe(z.number().min(1).max(100)).default(20),
  cursor: z.uuidv7().optional(),
})

export const activityRoutes = [
  route({
    method: 'GET',
    path: PATH,
    access: 'bearer',
    query: querySchema,
    async handle(c, _, query) {
      const page = await listActivity(c.get('ctx'), c.get('principal'), query)
      if (page.next_cursor !== null)
        c.header('link', `<${PATH}?limit=${query.limit}&cursor=${page.next_cursor}>; rel="next"`)
      return c.json(page)
    },
  }),
]
