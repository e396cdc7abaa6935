import { ALIVE } from '../../core/health-view.ts'
import { plainRoute } from '../contract/definition.ts'

/** Answers without any store or setting. It is mounted before the middleware that needs them. */
export const livezRoute = plainRoute({
  method: 'GET',
  path: '/livez',
  access: 'public',
  handle: async (c) => c.json(ALIVE),
})
