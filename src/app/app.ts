import type { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { noMetrics } from '../core/observation.ts'
import type { HttpEnvironment, OpenForRequest } from '../http/environment.ts'
import type { MetricsFor } from '../http/middleware/observe.ts'
import { commonRoutes } from './common-routes.ts'
import { frame } from './frame.ts'
import { loadedLater, type Part, partOf } from './loaded-later.ts'

/** The HTTP handler of the Worker. */
export interface App {
  fetch(request: Request, env: Env, execution: ExecutionContext): Response | Promise<Response>
}

/** Creates the application. @param metricsFor by default returns metrics that count nothing */
export function createApp(open: OpenForRequest, metricsFor: MetricsFor = () => noMetrics): App {
  const common = frame(commonRoutes, open, metricsFor)
  const loaded = new Map<Part, Hono<HttpEnvironment>>()

  // Keeps the loaded application and not a promise of it, because a request must not await a promise that
  // another request created.
  async function load(part: Part): Promise<Hono<HttpEnvironment>> {
    const app = loaded.get(part) ?? frame(await loadedLater[part](), open, metricsFor)
    loaded.set(part, app)
    return app
  }

  return {
    fetch(request, env, execution) {
      const part = partOf(getPath(request))
      if (part === undefined) return common.fetch(request, env, execution)
      return load(part).then((app) => app.fetch(request, env, execution))
    },
  }
}
