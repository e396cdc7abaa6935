import { ALIVE } from '../../core/health-view.ts'
import { plainRoute } from '../contract/definition.ts'

/** Answers without a store and without settings, so it is mounted before everything that needs one. */
export const livezRoute = plainRoute({
  method: 'GET',
  path: '/livez',
  access: 'public',
  handle: async (c) => c.json(ALIVE),
})
